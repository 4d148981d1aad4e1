"""Functions of ours that take an edition, with the French one given: what most tests speak of."""

from functools import partial

from archive.catalog.catalog import Catalog as _Catalog
from archive.opened import open_archive as _open_archive
from archive.texts import changes, edittypes, noise, readings
from archive.texts.sentences import sentences as _sentences
from crawler import pages
from crawler.crawl import plan
from crawler.crawl.plan import Plan as _Plan
from crawler.editions.presstv_fr import PRESSTV_FR as EDITION
from crawler.pages.page import Page as _Page
from crawler.reread import stored
from crawler.schedule import scheduler
from pipelines import clean as cleaning
from pipelines import dates as dating

VOCABULARY, LANGUAGE = EDITION.vocabulary, EDITION.words

compare = partial(changes.compare, vocabulary=VOCABULARY)
to_json = partial(changes.to_json, language=LANGUAGE)
types_of = partial(edittypes.types_of, language=LANGUAGE)
sentences = partial(_sentences, language=LANGUAGE)
classify = partial(noise.classify, vocabulary=VOCABULARY)
is_template = partial(noise.is_template, vocabulary=VOCABULARY)
read_otherwise = partial(readings.read_otherwise, vocabulary=VOCABULARY)
open_archive = partial(_open_archive, vocabulary_of=lambda _: VOCABULARY)
Catalog = partial(_Catalog, vocabulary=VOCABULARY)

read = partial(pages.read, edition=EDITION)
read_listing = partial(pages.read_listing, edition=EDITION)
read_menu = partial(pages.read_menu, edition=EDITION)
words_of = partial(pages.words_of, edition=EDITION)
Page = partial(_Page, edition=EDITION)
look_of = partial(stored.look_of, edition=EDITION)

clean = partial(cleaning.clean, template=EDITION.template)
dates = partial(dating.dates, calendar=EDITION.calendar)

plan_of = partial(plan.plan_of, edition=EDITION)
jobs_of = partial(scheduler.jobs_of, edition=EDITION)
Plan = partial(_Plan, edition=EDITION)
