"""Work outside a request: tasks that a worker runs, and jobs whose progress a person watches."""

from interact_events.core.jobs.files import path_of, result_file
from interact_events.core.jobs.queues import consumer, init_app, run_queued
from interact_events.core.jobs.rows import LOST_AFTER, Job, JobState, RunState, TaskRun
from interact_events.core.jobs.running import (
    cancel,
    is_ending,
    report,
    run_job,
    start,
    sweep_jobs,
    tell,
)
from interact_events.core.jobs.schedule import (
    last_sign_of_work,
    run_scheduled,
    slot_of,
    tick,
    tidy_jobs,
    timetable,
)
from interact_events.core.jobs.tasks import (
    TASKS,
    Task,
    every,
    name_of,
    queue,
    task,
    task_with_file,
)

__all__ = [
    "LOST_AFTER",
    "TASKS",
    "Job",
    "JobState",
    "RunState",
    "Task",
    "TaskRun",
    "cancel",
    "consumer",
    "every",
    "init_app",
    "is_ending",
    "last_sign_of_work",
    "name_of",
    "path_of",
    "queue",
    "report",
    "result_file",
    "run_job",
    "run_queued",
    "run_scheduled",
    "slot_of",
    "start",
    "sweep_jobs",
    "task",
    "task_with_file",
    "tell",
    "tick",
    "tidy_jobs",
    "timetable",
]
