"""From what was answered to findings, one module for each subject; pure."""
