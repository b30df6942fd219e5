"""Fixtures shared by all tests: a temporary home, an empty database, a real PostgreSQL, the seeds."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from cantine.config import Config
from cantine.db import make_engine, transaction
from cantine.tables import import_package
from cantine.upgrade import prepare, upgrade
from tests.cantine.packages.marais import write_package
from tests.cantine.packages.spoil import write_small_package
from tests.cantine.plans import accept_plan
from tests.cantine.site import OWN
from tests.postgresql import PostgresMissingError, server

SEEDS = Path(__file__).parent.parent / "seeds"
SECRET = "secret-des-essais-" * 3
_numbers = itertools.count(1)


def make_config(home: Path, url: str = "") -> Config:
    """Settings of a test: data in ``home``, SQLite unless ``url``."""
    return Config(home=home, database_url=url or f"sqlite:///{home / 'cantine.db'}", secret_key=SECRET)


def _template(path: Path, package: Path | None = None) -> Path:
    """An SQLite file made once, copied by each test."""
    _fill(f"sqlite:///{path}", package)
    return path


def _fill(url: str, package: Path | None) -> None:
    """Make the tables of an empty database and import a package into them."""
    engine = make_engine(url)
    upgrade(engine)
    if package:
        with transaction(engine) as session:
            import_package(session, package)
    # The last connection closed puts everything of SQLite into the one file, and lets PostgreSQL copy.
    engine.dispose()


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of an empty SQLite database."""
    return _template(tmp_path_factory.mktemp("vide") / "cantine.db")


@pytest.fixture(scope="session")
def marais_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an invented département: three kitchens, demonstration recipes."""
    folder = tmp_path_factory.mktemp("paquet") / "marais"
    write_package(folder, SEEDS)
    return folder


@pytest.fixture(scope="session")
def small_package(tmp_path_factory: pytest.TempPathFactory, marais_package: Path) -> Path:
    """Folder of the invented département with few recipes: quick to check."""
    return write_small_package(marais_package, tmp_path_factory.mktemp("petit") / "marais")


@pytest.fixture
def package(small_package: Path, tmp_path: Path) -> Path:
    """A package to spoil."""
    return Path(shutil.copytree(small_package, tmp_path / "paquet"))


@pytest.fixture(scope="session")
def marais_database(tmp_path_factory: pytest.TempPathFactory, marais_package: Path) -> Path:
    """File of an SQLite database holding the invented département."""
    return _template(tmp_path_factory.mktemp("marais") / "cantine.db", marais_package)


@pytest.fixture(scope="session")
def bought_database(tmp_path_factory: pytest.TempPathFactory, marais_database: Path) -> Path:
    """File of an SQLite database where the own kitchen has menus and purchases in place."""
    home = tmp_path_factory.mktemp("achats")
    path = Path(shutil.copy(marais_database, home / "cantine.db"))
    engine = make_engine(make_config(home).database_url)
    with transaction(engine) as session:
        accept_plan(session, OWN)
    engine.dispose()
    return path


@pytest.fixture
def put_menus(bought_database: Path) -> Callable[[Engine], None]:
    """Put menus and purchases in place in a database that nobody has written to yet."""

    def put(engine: Engine) -> None:
        engine.dispose()
        shutil.copy(bought_database, engine.url.database or "")

    return put


@pytest.fixture(scope="session")
def seeds_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """File of an SQLite database holding the real seeds."""
    return _template(tmp_path_factory.mktemp("seeds") / "cantine.db", SEEDS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty data folder."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def config(home: Path, blank_database: Path) -> Config:
    """Settings with an empty SQLite database."""
    shutil.copy(blank_database, home / "cantine.db")
    return make_config(home)


@pytest.fixture
def engine(config: Config) -> Iterator[Engine]:
    """An empty SQLite database."""
    engine = make_engine(config.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the empty SQLite database."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def marais_engine(home: Path, marais_database: Path) -> Iterator[Engine]:
    """An SQLite database holding the invented département."""
    shutil.copy(marais_database, home / "cantine.db")
    engine = make_engine(make_config(home).database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def seeds_engine(home: Path, seeds_database: Path) -> Iterator[Engine]:
    """An SQLite database holding the real seeds."""
    shutil.copy(seeds_database, home / "cantine.db")
    engine = make_engine(make_config(home).database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a real PostgreSQL server, ``{}`` for the database."""
    try:
        with server() as url:
            yield url
    except PostgresMissingError as error:
        pytest.fail(str(error))


@contextmanager
def _postgres_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Name of a new PostgreSQL database, a copy of ``template``, thrown away at the end."""
    name = f"essai_{next(_numbers)}"
    administrator = make_engine(server_url.format("postgres"))
    with administrator.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        yield name
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    administrator.dispose()


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a new, empty PostgreSQL database."""
    with _postgres_database(postgres_server) as name:
        yield postgres_server.format(name)


@pytest.fixture(scope="session")
def marais_template(postgres_server: str, marais_package: Path) -> Iterator[str]:
    """Name of the PostgreSQL database holding the invented département, copied by each test."""
    with _postgres_database(postgres_server) as name:
        _fill(postgres_server.format(name), marais_package)
        yield name


@pytest.fixture
def marais_postgres_url(postgres_server: str, marais_template: str) -> Iterator[str]:
    """URL of a PostgreSQL database holding the invented département."""
    with _postgres_database(postgres_server, marais_template) as name:
        yield postgres_server.format(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_config(request: pytest.FixtureRequest, home: Path) -> Config:
    """Settings without a database yet: once on SQLite, once on PostgreSQL."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return make_config(home, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_marais(request: pytest.FixtureRequest, home: Path, marais_database: Path) -> Config:
    """Settings of a database holding the invented département: once on SQLite, once on PostgreSQL."""
    if request.param == "postgresql":
        return make_config(home, request.getfixturevalue("marais_postgres_url"))
    shutil.copy(marais_database, home / "cantine.db")
    return make_config(home)


@pytest.fixture
def each_engine(each_config: Config) -> Iterator[Engine]:
    """An empty database: once on SQLite, once on PostgreSQL."""
    engine = prepare(each_config)
    yield engine
    engine.dispose()
