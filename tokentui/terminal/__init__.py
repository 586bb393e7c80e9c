"""The terminal under the app: what comes in from it, what goes out to it, and what happens when it is gone."""
