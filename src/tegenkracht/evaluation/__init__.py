"""What scores are worth: estimates with intervals and bounds, audits by group, and checks of both."""
