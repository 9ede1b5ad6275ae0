"""`careloop serve` as a real process: starts, restarts what dies, stops cleanly, leaves nothing behind."""

import re
import signal
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from careloop.cli.tests.desk import Desk, children_of, eventually, kill

pytestmark = pytest.mark.slow


@pytest.fixture
def served(desk: Desk) -> Desk:
    desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in desk.log("serve")), desk.log("serve")
    return desk


def test_it_says_what_it_listens_on_and_answers_there(served: Desk) -> None:
    log = served.log("serve")
    assert f"http://127.0.0.1:{served.port}/" in log
    assert f"http://127.0.0.1:{served.port + 1}" in log
    for port in (served.port, served.port + 1):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
            assert answer.status == 200


def test_the_first_start_prepares_everything_and_the_second_nothing(new_desk: Desk) -> None:
    new_desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in new_desk.log("serve")), new_desk.log("serve")
    password = re.search(r"password\s+(\S+)", new_desk.log("serve"))
    assert password
    assert len(password[1]) >= 16
    key = new_desk.data / "secret_key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert new_desk.data.stat().st_mode & 0o777 == 0o700
    first_key = key.read_text()
    new_desk.processes[0].send_signal(signal.SIGINT)
    new_desk.processes[0].wait(20)
    new_desk.start("serve")
    assert eventually(lambda: new_desk.log("serve").count("Careloop is ready") == 2)
    assert new_desk.log("serve").count("An administrator was made") == 1
    assert new_desk.log("serve").count("Preparing the database") == 1
    assert key.read_text() == first_key


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_leaves_no_process_behind(served: Desk, number: signal.Signals) -> None:
    supervisor = served.processes[0]
    family = psutil.Process(supervisor.pid).children(recursive=True)
    supervisor.send_signal(number)
    assert supervisor.wait(20) == 0
    assert served.log("serve").rstrip().endswith("Careloop has stopped.")
    assert "Traceback" not in served.log("serve")
    assert not [process for process in family if process.is_running()]


@pytest.mark.parametrize("part", ["web", "stream"])
def test_a_part_that_dies_is_started_again(served: Desk, part: str) -> None:
    port = served.port if part == "web" else served.port + 1
    victim = children_of(served.processes[0], part)[0]
    kill(victim)
    assert eventually(lambda: f"{part} ended (signal SIGKILL)" in served.log("serve"))
    assert eventually(lambda: served.answers(port) and not victim.is_running())
    assert served.processes[0].poll() is None


def test_the_parts_die_with_a_supervisor_that_is_killed(served: Desk) -> None:
    family = psutil.Process(served.processes[0].pid).children(recursive=True)
    assert len(family) >= 3
    served.processes[0].kill()
    assert eventually(lambda: not [each for each in family if each.is_running()], within_seconds=15)


def test_web_processes_share_no_connection(large_desk: Desk) -> None:
    """Each of them asks the database on a socket of its own, whatever was asked before they were forked."""
    large_desk.environment["CARELOOP_WEB_WORKERS"] = "3"
    large_desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in large_desk.log("serve")), large_desk.log("serve")
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda _: _answers(f"http://127.0.0.1:{large_desk.port}/health"), range(400)))
    assert answers == [200] * 400, large_desk.log("serve")
    assert "Traceback" not in large_desk.log("serve")


def _answers(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_a_second_desk_on_the_same_database_is_refused(served: Desk) -> None:
    served.environment["CARELOOP_PORT"] = str(served.port + 1000 if served.port < 60000 else served.port - 1000)
    refused = served.run("web")
    assert refused.returncode == 2
    assert "already has a desk running" in refused.stderr


def test_a_taken_port_is_named(served: Desk) -> None:
    refused = served.run("serve")
    assert refused.returncode == 2
    assert f"Port {served.port} is taken" in refused.stdout
    assert "CARELOOP_PORT" in refused.stdout


def test_a_wrong_setting_stops_the_start_with_its_name(new_desk: Desk) -> None:
    new_desk.environment["CARELOOP_WEB_THREADS"] = "many"
    refused = new_desk.run("serve")
    assert refused.returncode == 2
    assert "CARELOOP_WEB_THREADS" in refused.stderr


def test_a_setting_that_only_a_part_reads_stops_the_whole(new_desk: Desk) -> None:
    new_desk.environment["CARELOOP_LANGUAGE"] = "klingon"
    refused = new_desk.run("serve")
    assert refused.returncode == 2
    assert "CARELOOP_LANGUAGE" in refused.stderr


def test_a_worker_of_its_own_is_refused_on_sqlite(new_desk: Desk) -> None:
    refused = new_desk.run("worker")
    assert refused.returncode == 2
    assert "On SQLite one process writes" in refused.stderr


def test_everything_runs_on_postgresql_in_parts(large_desk: Desk) -> None:
    large_desk.start("serve")
    assert eventually(lambda: "Careloop is ready" in large_desk.log("serve")), large_desk.log("serve")
    supervisor = large_desk.processes[0]
    for part in ("web", "stream", "worker", "doors"):
        assert children_of(supervisor, part)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(20) == 0
