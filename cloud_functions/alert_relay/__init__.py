"""alert_relay: turns changes between reports into messages for people, and few of them."""
