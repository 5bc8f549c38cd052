"""Studies on real Dask clusters, on the loopback address."""

import datetime
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dask
import distributed
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.running import QUICK, ROOT, options, outputs, take_ctrl_c
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor, open_executor
from tribar.model.places import PLACES, place_of
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import TrialRow

Shrunk = Callable[..., Params]
TUNE = ("tune", *options(*QUICK, "tune.lag=4", "tune.n_trials=8", "tune.rescore.seeds=1"))


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRIBAR_")}
    return kept | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "COLUMNS": "200"} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Cluster:
    """A scheduler and `tribar worker` processes, each with a folder of its own."""

    def __init__(self, folder: Path, workers: int, protocol: str = "tcp", **env: str) -> None:
        self.folder = folder
        self.env = environment(DASK_TEMPORARY_DIRECTORY=str(folder), **env)
        self.address = f"{protocol}://127.0.0.1:{free_port()}"
        self.file = folder / "scheduler.json"
        self.scheduler = self._start(
            "-m", "distributed.cli.dask_scheduler", "--host", self.address.rpartition(":")[0],
            "--port", self.address.rpartition(":")[2], "--no-dashboard",
            "--scheduler-file", str(self.file),
        )  # fmt: skip
        self.workers = [self._start("-m", "tribar", "worker", self.address) for _ in range(workers)]

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"log {time.monotonic_ns()}").open("wb")
        return subprocess.Popen(
            [sys.executable, *command], cwd=self.folder, env=self.env, stdout=log, stderr=log
        )

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            try:
                family = psutil.Process(process.pid).children(recursive=True)
            except psutil.NoSuchProcess:
                continue
            for one in (*family, process):
                try:
                    one.kill()
                except psutil.NoSuchProcess:
                    continue
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int = 2, protocol: str = "tcp", **env: str) -> Iterator[Cluster]:
    folder.mkdir(parents=True, exist_ok=True)
    one = Cluster(folder, workers, protocol, **env)
    try:
        yield one
    finally:
        one.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster"), workers=3) as one:
        yield one


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "rows.npy").write_bytes(b"rows")
    return folder


def rows_of(params: Params, folder: Path, data: Path | None = None) -> tuple[TrialRow, ...]:
    folder.mkdir(exist_ok=True)
    with open_journal(folder, print) as journal:
        first, epochs = params.baseline_hyper().by_name(), params.training.max_epochs
        if data is None:
            pool = TrialPool(Landscape(params), InlineExecutor(), journal)
            return run_study(params.tune, first, epochs, DOWN, pool).rows
        with open_executor(4, [data], folder) as executor:
            pool = TrialPool(Landscape(params), executor, journal)
            return run_study(params.tune, first, epochs, DOWN, pool).rows


def content_of(study: Path, data: Path) -> bytes:
    """Return, on a worker, the rows that it holds for a study."""
    return (place_of(study).path(data) / "rows.npy").read_bytes()


def run_stage(folder: Path, *arguments: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tribar", *arguments, "--output", str(folder)], cwd=ROOT, text=True,
        env=environment(DVC_ROOT=str(folder), **env), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def tune(folder: Path, **env: str) -> str:
    return run_stage(folder, *TUNE, **env)


def started(folder: Path, address: str, *options: str) -> subprocess.Popen[str]:
    """Start the study on a cluster, and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "tribar", *TUNE, *options, "--output", str(folder)], cwd=ROOT,
        env=environment(DVC_ROOT=str(folder), TRIBAR_CLUSTER=address), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=take_ctrl_c,
    )  # fmt: skip


def until_under_way(process: subprocess.Popen[str], folder: Path, trial: int) -> None:
    """Wait until a trial of a started study has an epoch behind it."""
    while not list(folder.glob(f".tribar/studies/*/running/{trial}/epochs.jsonl")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)


def workplace(prepared: Path, folder: Path) -> Path:
    folder.mkdir()
    (folder / "data").symlink_to(prepared / "data")
    return folder


@pytest.mark.parametrize("by", ["address", "scheduler file"])
def test_three_cluster_workers_give_the_rows_of_one_process(
    by: str, running: Cluster, shrunk: Shrunk, data: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    params = shrunk("tune.lag=4", "tune.n_trials=14")
    alone = rows_of(params, tmp_path / "alone")
    address = running.address if by == "address" else str(running.file)
    monkeypatch.setenv("TRIBAR_CLUSTER", address)
    assert rows_of(params, tmp_path / "cluster", data) == alone


def test_data_reaches_each_worker_once(
    running: Cluster, shrunk: Shrunk, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBAR_CLUSTER", running.address)
    (data / "rows.npy").write_bytes(b"only here")
    params = shrunk("tune.lag=4", "tune.n_trials=6")

    def copies() -> list[int]:
        found = running.folder.rglob("tribar/*/rows.npy")
        return sorted(f.stat().st_mtime_ns for f in found if f.read_bytes() == b"only here")

    rows_of(params, tmp_path / "one", data)
    first = copies()
    assert len(first) == 3
    rows_of(params, tmp_path / "two", data)
    assert copies() == first


def test_two_studies_of_other_data_under_one_path_do_not_mix(
    running: Cluster, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIBAR_CLUSTER", running.address)
    names = ("first", "second")
    with ExitStack() as stack:
        executors = {}
        for name in names:
            (data / "rows.npy").write_bytes(name.encode())
            executors[name] = stack.enter_context(open_executor(4, [data], tmp_path / name))
        seen = {
            name: executors[name].submit(content_of, tmp_path / name, data).result()
            for name in names
        }
    assert seen == {"first": b"first", "second": b"second"}


@pytest.mark.slow
def test_a_real_study_on_a_cluster_writes_the_bytes_of_one_process(
    running: Cluster, prepared: Path, tmp_path: Path
) -> None:
    alone = workplace(prepared, tmp_path / "alone")
    tune(alone, TRIBAR_WORKERS="1")
    there = workplace(prepared, tmp_path / "there")
    tune(there, TRIBAR_CLUSTER=running.address)
    assert outputs(there) == outputs(alone)


@pytest.mark.slow
def test_every_stage_on_a_cluster_writes_the_bytes_of_one_process(
    running: Cluster, prepared: Path, tmp_path: Path
) -> None:
    overrides = options(*QUICK, "tune.n_trials=2", "tune.rescore.seeds=1", "training.seeds=2")
    found = []
    for name, env in (
        ("alone", {"TRIBAR_WORKERS": "1"}),
        ("there", {"TRIBAR_CLUSTER": running.address}),
    ):
        folder = workplace(prepared, tmp_path / name)
        shutil.copytree(prepared / "results", folder / "results")
        for stage in ("train-baseline", "tune", "train-best", "evaluate"):
            run_stage(folder, stage, *overrides, **env)
        files = [one for part in ("models", "results") for one in (folder / part).rglob("*.*")]
        found.append({str(one.relative_to(folder)): one.read_bytes() for one in files})
    assert found[0] == found[1]


@pytest.mark.slow
def test_a_killed_cluster_worker_changes_nothing_and_a_lost_scheduler_is_one_error(
    prepared: Path, tmp_path: Path
) -> None:
    alone = workplace(prepared, tmp_path / "alone")
    tune(alone, TRIBAR_WORKERS="1")
    there = workplace(prepared, tmp_path / "there")
    with cluster(tmp_path / "first", workers=2) as one:
        process = started(there, one.address)
        until_under_way(process, there, 2)
        for worker in psutil.Process(one.workers[0].pid).children(recursive=True):
            worker.kill()
        until_under_way(process, there, 4)
        one.scheduler.send_signal(signal.SIGKILL)
        _, err = process.communicate()
    assert process.returncode == 2, err
    assert "the cluster's scheduler was lost; finished trials are saved" in err
    assert "Traceback" not in err
    with cluster(tmp_path / "second", workers=1) as another:
        assert "goes on after" in tune(there, TRIBAR_CLUSTER=another.address)
    assert outputs(there) == outputs(alone)


def certificates(folder: Path) -> dict[str, Any]:
    """Make a key and a certificate for the loopback address that is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    pair = {"cert": str(folder / "cert.pem"), "key": str(folder / "key.pem")}
    roles = dict.fromkeys(("client", "scheduler", "worker"), pair)
    return {"ca-file": pair["cert"], **roles}


def as_environment(settings: dict[str, Any], prefix: str) -> dict[str, str]:
    """Return settings as Dask reads them from variables."""
    found: dict[str, str] = {}
    for name, value in settings.items():
        key = f"{prefix}__{name.replace('-', '_').upper()}"
        found |= as_environment(value, key) if isinstance(value, dict) else {key: value}
    return found


def test_a_cluster_behind_tls(
    shrunk: Shrunk, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificates(tmp_path / "pem")
    params = shrunk("tune.lag=4", "tune.n_trials=6")
    alone = rows_of(params, tmp_path / "alone")
    variables = as_environment(tls, "DASK_DISTRIBUTED__COMM__TLS")
    with (
        cluster(tmp_path / "tls", 2, "tls", **variables) as one,
        dask.config.set({f"distributed.comm.tls.{name}": value for name, value in tls.items()}),
    ):
        monkeypatch.setenv("TRIBAR_CLUSTER", one.address)
        assert rows_of(params, tmp_path / "cluster", data) == alone


FAULTS = {
    "somewhere": "neither tcp://host:port nor tls://host:port, nor a scheduler file that exists",
    "tcp://127.0.0.1:1": "no scheduler answers at tcp://127.0.0.1:1",
    "tcp://127.0.0.1:port": "no scheduler answers at tcp://127.0.0.1:port",
    "tls://127.0.0.1:1": "tls://127.0.0.1:1 needs certificates; name the PEM files",
}


@pytest.mark.parametrize("address", FAULTS)
def test_a_cluster_that_cannot_be_reached_is_one_error(
    address: str, shrunk: Shrunk, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tribar.execution.dask.client.SECONDS", 2)
    monkeypatch.setenv("TRIBAR_CLUSTER", address)
    with pytest.raises(UserError) as error:
        rows_of(shrunk("tune.n_trials=2"), tmp_path / "study", data)
    assert FAULTS[address] in str(error.value)


def test_a_server_of_another_kind_is_one_error(
    shrunk: Shrunk, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tribar.execution.dask.client.SECONDS", 2)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("TRIBAR_CLUSTER", f"tcp://127.0.0.1:{server.server_port}")
        with pytest.raises(UserError, match="no scheduler answers at"):
            rows_of(shrunk("tune.n_trials=2"), tmp_path / "study", data)
        server.shutdown()


@pytest.mark.slow
def test_ctrl_c_ends_the_trials_on_the_cluster_and_the_same_command_goes_on(
    running: Cluster, prepared: Path, tmp_path: Path
) -> None:
    alone = workplace(prepared, tmp_path / "alone")
    tune(alone, TRIBAR_WORKERS="1")
    there = workplace(prepared, tmp_path / "there")
    endless = ("-S", "training.max_epochs=10000", "-S", "training.patience=10000")
    process = started(there, running.address, *endless)
    until_under_way(process, there, 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130, err
    assert "finished trials are saved" in err
    with distributed.Client(running.address) as client:
        while any(client.processing().values()):
            time.sleep(0.05)
        assert set(client.run(lambda: len(PLACES)).values()) == {0}
    assert "trial 0 COMPLETE" in tune(there, TRIBAR_CLUSTER=running.address)
    assert outputs(there) == outputs(alone)


def test_a_cluster_without_a_fit_worker_is_one_error(
    shrunk: Shrunk, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = shrunk("tune.n_trials=2")
    with cluster(tmp_path / "empty", workers=0) as one:
        monkeypatch.setenv("TRIBAR_CLUSTER", one.address)
        monkeypatch.setattr("tribar.execution.dask.client.SECONDS", 5)
        with pytest.raises(UserError, match="has no worker; start some with `tribar worker"):
            rows_of(params, tmp_path / "study", data)
        monkeypatch.setattr("tribar.execution.dask.client.SECONDS", 30)
        plain = ["-m", "distributed.cli.dask_worker", one.address, "--nthreads", "2"]
        one.env = {k: v for k, v in one.env.items() if k != "MKL_CBWR"}
        one.workers.append(one._start(*plain, "--no-dashboard"))
        with pytest.raises(UserError, match="has 2 threads instead of 1") as error:
            rows_of(params, tmp_path / "study", data)
        assert "has MKL_CBWR unset instead of COMPATIBLE" in str(error.value)
