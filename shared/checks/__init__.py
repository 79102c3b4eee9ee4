"""Checks: what is declared, asked, answered and judged; pure, no client."""
