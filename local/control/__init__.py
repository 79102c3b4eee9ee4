"""The control planes of the embedded cloud: Scheduler, Functions, Run, Logging and Monitoring over REST."""
