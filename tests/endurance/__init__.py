"""Faults, in numbers: what happens when a run is killed, its disk fills, its settings are odd, its files are damaged.

Each script does one thing many times and counts how it ends. The test suite runs each for a few seconds; the full
length is run by hand, with progress on stderr and a table of figures at the end:

    python -m tests.endurance.kills --times 500
    python -m tests.endurance.disk --times 200
    python -m tests.endurance.settings_fuzz --times 10000
    python -m tests.endurance.damage --times 1000
    python -m tests.endurance.memory --times 200 --minutes 60

``--seed`` draws other cases, ``--json FILE`` writes the figures to a file too. The exit status is 1 if anything was
lost, half written, silently wrong, or answered by a traceback; each such fault is told in a line that says how to see
it again.
"""
