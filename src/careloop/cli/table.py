"""Every command of `careloop`, with where it lives and its sentence.

The table is all that `careloop --help` reads: a command's module is imported when the command is run. A room
adds a line here; this room imports none of them. Commands marked offline need no database, no secret and no
settings, and must not import Django's settings.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """`target` is `module:click_command`."""

    target: str
    sentence: str


COMMANDS: dict[str, Entry] = {
    "serve": Entry("careloop.cli.serve:serve", "Start the whole desk: pages, API, live streams, background work."),
    "web": Entry("careloop.config.processes:web", "Start only the pages and the API (on SQLite with the job threads)."),
    "stream": Entry("careloop.config.processes:stream", "Start only the live streams."),
    "worker": Entry("careloop.config.processes:worker", "Start only the job threads (PostgreSQL)."),
    "doors": Entry("careloop.config.processes:doors", "Start only the mail doors (PostgreSQL)."),
    "migrate": Entry("careloop.config.commands:migrate", "Bring the database to the shape this version needs."),
    "createadmin": Entry("careloop.config.commands:createadmin", "Make an administrator, or give one a new password."),
    "shell": Entry("careloop.cli.database:shell", "Open a Python shell with everything loaded."),
    "doctor": Entry("careloop.cli.doctor:doctor", "Say what is configured, reachable, late and dead."),
    "mail": Entry("careloop.channels.email.commands:mail", "Show how e-mail files are read (offline)."),
    "settings": Entry("careloop.cli.reference:settings", "Print every setting with its default and what it does."),
    "demo": Entry("careloop.demo.commands:demo", "Load a believable company to look around in."),
    "import": Entry("careloop.importers.commands:import_", "Import messages from CSV, JSON lines, mbox or eml."),
    "triage": Entry("careloop.triage.cli:triage", "Understand messages: predict, train, evaluate (offline)."),
    "customers": Entry("careloop.customers.cli:customers", "Judge models of who leaves and who buys again (offline)."),
    "check-reply": Entry("careloop.quality.cli:command", "Look a reply over before it is sent (offline)."),
    "answers": Entry("careloop.replies.commands:answers", "Index solved conversations; measure suggested answers."),
    "articles": Entry("careloop.knowledge.commands:articles", "Load the starter articles of a sector."),
    "report": Entry("careloop.analytics.commands:report", "Print the weekly report from recorded facts."),
}
