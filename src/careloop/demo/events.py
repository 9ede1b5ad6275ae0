"""What the demo records about itself."""

DEMO_BEGAN = "demo.began"
DEMO_LOADED = "demo.loaded"
