"""The screens colleagues work in: the three-pane desk and the frame every page shares."""
