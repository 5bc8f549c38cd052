"""Triple-barrier bars to an honestly judged recurrent classifier, one DVC stage at a time."""

__version__ = "0.1.0"
