"""tests/run.py: what failed is said once at the end, also where a build ran ahead of its stage."""
import pytest

from tests import run

BROKEN = ["sh", "-c", "echo FAILED some/test; exit 2"]


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(run, "FAILED", [])
    monkeypatch.setattr(run, "make_command", lambda mode, *targets: BROKEN)


def test_a_build_that_failed_ahead_is_listed_by_its_stage_alone():
    run.build_ahead(["fuzz", "sweep"])
    run.wait_for_builds()
    assert run.FAILED == []
    assert not run.make("fuzz", "x")
    assert [line for line in run.FAILED if "exit status" in line] == [" ".join(BROKEN) + ": exit status 2"]
    assert run.FAILED.count("    some/test") == 1


def test_programs_side_by_side_are_listed_each():
    assert [status for status, _ in run.run_side_by_side(2, [BROKEN, ["true"], BROKEN])] == [2, 0, 2]
    assert len([line for line in run.FAILED if "exit status" in line]) == 2
