"""`acd doctor`: what stands between this configuration and a working call centre, and what to do about it.

`checks` judge, purely, what `asking` was told by Asterisk and `machine` has seen of this machine; `english` and
`chinese` say it. It may be asked beside a running daemon: nothing is set, nobody is called, no phone rings.
"""
