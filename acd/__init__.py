"""Switchyard: an ACD/CTI call-routing server beside Asterisk."""

__version__ = "0.1.0"
