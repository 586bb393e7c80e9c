"""The style sheets, a `.tcss` file a screen."""
