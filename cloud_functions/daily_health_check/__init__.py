"""daily_health_check: watches the platform, the reporters and the pipeline's outputs, and says what to do."""
