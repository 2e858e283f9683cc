"""Side by side with peers and over time; never part of the tests."""
