"""A sandbox that plays Slack, AWS (SNS, SSM, EC2, STS) and Jira for end-to-end tests.

It is written from the providers' documentation and refuses what they refuse. It knows nothing
about the program under test beyond its configuration file. Start it with

    /usr/bin/python3 -m tests.sandbox --dir DIR

from the root of the repository, or from a test with tests.sandbox.client.Sandbox.start(DIR).
The control API is described in tests/sandbox/control.py.
"""
