"""Settings as given: near misses, secrets and values out of range are told before anything happens."""

import pytest
from scrapy.settings import Settings

from archive.errors import ConfigurationError, UsageError
from crawler.cli.options import agent_of, check_names, check_values, known_names


@pytest.fixture
def settings():
    """Return the project's settings as for a person at a terminal."""
    found = Settings()
    found.setmodule("settings.local", priority="project")
    return found


def test_the_projects_own_settings_are_well(settings):
    """The defaults pass."""
    assert check_values(settings) is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BATCH_CAPTURE", "BATCH_CAPTURES"),
        ("ARCHIV_URI", "ARCHIVE_URI"),
        ("archive_uri", "ARCHIVE_URI"),
        ("DOWNLOAD_DELAYS", "DOWNLOAD_DELAY"),
        ("ROBOTSTXT_OBAY", "ROBOTSTXT_OBEY"),
        ("CRAWLER_CONTRACT", "CRAWLER_CONTACT"),
    ],
)
def test_a_near_miss_is_told(settings, name, meant):
    """A name that is almost a setting's is a mistake, and the message has the name meant."""
    with pytest.raises(ConfigurationError, match=f"{name}.*did you mean {meant}"):
        check_names([name], known_names(settings))


@pytest.mark.parametrize("name", ["ARCHIVE_URI", "LOG_LEVEL", "DOWNLOAD_DELAY", "MY_EXTENSION_KNOB"])
def test_other_names_pass(settings, name):
    """Known names, and names of nobody's, are let through."""
    assert check_names([name], known_names(settings)) is None


@pytest.mark.parametrize("name", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "S3_SECRET", "GIT_TOKEN"])
def test_a_secret_is_refused(settings, name):
    """What stands on a command line can be read by everybody."""
    with pytest.raises(UsageError, match=f"{name}.*environment"):
        check_names([name], known_names(settings))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOWNLOAD_VERIFY_CERTIFICATES", "0"),
        ("BATCH_CAPTURES", "many"),
        ("BATCH_CAPTURES", "0"),
        ("BATCH_CAPTURES", "2.5"),
        ("BATCH_BYTES", "-1"),
        ("BATCH_SECONDS", "1e3"),
        ("BATCH_SECONDS", "99999999999"),
        ("KEEP_UNCHANGED_DAYS", ""),
        ("KEEP_UNCHANGED_DAYS", None),
        ("SECTION_PAGE_CAP", "nan"),
        ("BRAKE_SHARE", "1.5"),
        ("BRAKE_SHARE", "nan"),
        ("RETRY_AFTER_CAP", "soon"),
        ("DOWNLOAD_DELAY", "slow"),
        ("DOWNLOAD_DELAY", "-1"),
        ("DOWNLOAD_TIMEOUT", "0"),
        ("CONCURRENT_REQUESTS", "0"),
        ("ROBOTSTXT_OBEY", "perhaps"),
        ("LOG_LEVEL", "LOUD"),
        ("OUTLET_ZONE", "Mars/Olympus"),
        ("OUTLET_ZONE", "../etc/passwd"),
        ("CRAWLER_CONTACT", "a@b.example\r\nX-Evil: 1"),
        ("ARCHIVE_URI", " "),
        ("CATALOG_PATH", "tests"),
    ],
)
def test_a_value_out_of_range_is_named(settings, name, value):
    """The message has the setting and its value."""
    settings.set(name, value, priority="cmdline")

    with pytest.raises(ConfigurationError, match=name):
        check_values(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [("BATCH_CAPTURES", "7"), ("DOWNLOAD_DELAY", "0.25"), ("BRAKE_SHARE", "0.5"), ("ROBOTSTXT_OBEY", "False")],
)
def test_numbers_may_be_text(settings, name, value):
    """The environment and -s know text only."""
    settings.set(name, value, priority="cmdline")

    assert check_values(settings) is None


@pytest.mark.parametrize(
    ("contact", "agent"),
    [("", "toy/1"), ("a@b.test", "toy/1 (+a@b.test)")],
    ids=["none", "contact"],
)
def test_requests_say_whom_to_write_to(contact, agent):
    """The contact stands behind the program's name, where there is one."""
    assert agent_of(Settings({"USER_AGENT": "toy/1", "CRAWLER_CONTACT": contact})) == agent
