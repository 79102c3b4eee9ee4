"""The embedded cloud, the demo world and the gateway; never shipped."""
