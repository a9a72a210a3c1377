"""
The tick of the whole product: what each app does when time has passed, in this order.

Each step may run twice at once, and a fault in one does not stop the others. `at` is the moment it acts for.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import held_changes
from accounts.audit import chain
from accounts.login import code_mails
from accounts.privacy import retention
from bulletins.authority_posts import jobs as authority_posts
from bulletins.checks.links import link_checker
from bulletins.editing.translation import translation_drafts
from bulletins.media import media_jobs, missing_cards
from bulletins.publication import due_bulletins, late_words
from bulletins.scheduling import personal_digests
from campaigns.http import page_changes
from delivery.fanout import stand_ins
from delivery.feedback import receipts
from delivery.holds import canary
from delivery.preflight import examination
from delivery.reports import ledger_counts, ledger_partitions
from delivery.rooms import room_steps
from delivery.seeds import seed_list, seed_mails
from delivery.sending import dispatch, sweeper
from delivery.single_mails import worker as single_mails
from delivery.subscriptions import subscription_choices, subscription_mails
from delivery.throttle import mail_rate
from factcheck.evidence import page_copies
from impact.closing import archives
from impact.measures import own_figures, standard_measures
from impact.measures.collectors import collection
from impact.pretests import pretest_mails
from impact.surveys import answers, survey_mails
from influencers.escalation import step_runner
from influencers.inbox import harassment, reminders
from influencers.inbox.mail import arrived_mail, outbound
from influencers.onboarding import applications, invitations, welcome_bulletins
from influencers.onboarding.csv_import import import_runs as csv_jobs
from influencers.portal import follower_questions
from influencers.recall import fact_check_notices, recall_plan
from lib import clock
from notifications import held_sends, sending
from notifications.channels import outgoing_copies
from operations.hosts import signs_of_life
from operations.monitoring import audit_monitor, self_check
from preparedness.campaign_start import invitations_due
from preparedness.drills import player
from preparedness.ready_shelf import reminders as shelf_reminders
from questions import deadlines
from stories.commissions import briefs, rights
from stories.exchanges import follow_up_reminders
from stories.exchanges.agendas import agendas
from stories.exchanges.invitations import meeting_invitations
from stories.exchanges.meetings import meeting_series
from stories.municipalities import invitations as municipality_invitations
from stories.story_media import jobs as story_jobs
from stories.story_media import missing_media
from website.digests import digest_runs, outdated_digests, publication_order, welcome_digests
from website.feeds import websub
from website.municipal_questions import asker_notices
from website.search import index, vocabulary

Step = Callable[..., Any]

log = logging.getLogger(__name__)


def wake_makers(*, at: datetime) -> None:
    """
    Wake who draws the cards of bulletins and who makes the videos of stories, each first in every other tick. What no worker took in
    time is forgotten (lib.task_queue), so whoever were always first would be alone while its work takes minutes.
    """
    ways = (media_jobs.wake_waiting, story_jobs.wake_waiting)
    take(ways[::-1] if int(at.timestamp()) // settings.TICK_SECONDS % 2 else ways)


# What makes sends of what is urgent, and finds dead workers: each second, and as soon as something urgent is published, in a
# process of its own.
URGENT_STEPS: tuple[Step, ...] = (
    due_bulletins.publish_urgent,
    digest_runs.plan_urgent,
    dispatch.start_urgent_sends,
    sweeper.take_over,
    single_mails.take_over,
)

# What makes sends of what is due, each second.
DUE_STEPS: tuple[Step, ...] = (
    due_bulletins.publish_due,
    late_words.note_late,
    publication_order.note_waiting,
    outdated_digests.stop_outdated,
    digest_runs.plan_due,
    chain.seal_waiting,
)

# What plays the drills that run, each second after what is due.
DRILL_STEPS: tuple[Step, ...] = (player.play,)

# What lets go what has been kept long enough, and counts what is counted once a day, in a process of its own.
UPKEEP_STEPS: tuple[Step, ...] = (
    retention.forget_due,
    ledger_partitions.remove_old,
    own_figures.take_due,
    collection.take_due,
    collection.forget_old,
    briefs.expire_due,
    rights.follow,
)

STEPS: tuple[Step, ...] = (
    self_check.record,
    subscription_choices.resume_due,
    *DUE_STEPS,
    personal_digests.plan_due,
    welcome_bulletins.plan_due,
    welcome_digests.plan_due,
    stand_ins.plan_due,
    dispatch.start_due_sends,
    sweeper.sweep,
    outdated_digests.reconcile,
    digest_runs.catch_up,
    receipts.apply,
    canary.review,
    dispatch.wake_workers,
    held_sends.write_due,
    outgoing_copies.deliver_copies,
    room_steps.settle,
    sending.deliver_notices,
    subscription_mails.write_due,
    seed_list.ask_due,
    seed_mails.mail_waiting,
    mail_rate.forget,
    ledger_partitions.start_month,
    signs_of_life.forget,
    code_mails.send_waiting,
    held_changes.apply_due,
    held_changes.notify_due,
    page_changes.forget_old,
    examination.refresh_due,
    link_checker.wake,
    missing_cards.queue_missing,
    missing_media.queue_missing,
    wake_makers,
    translation_drafts.wake_waiting,
    authority_posts.wake_waiting,
    page_copies.wake_waiting,
    deadlines.remind,
    websub.wake_due,
    index.index_waiting,
    vocabulary.note_new,
    ledger_counts.count,
    audit_monitor.verify_next,
    arrived_mail.wake_waiting,
    harassment.escalate,
    step_runner.advance_due,
    recall_plan.plan_due,
    fact_check_notices.forward_steps,
    outbound.send_due,
    outbound.note_returned,
    reminders.remind,
    follower_questions.notify_askers,
    invitations_due.invite_due,
    shelf_reminders.remind,
    invitations.send_due,
    municipality_invitations.send_due,
    applications.send_due,
    csv_jobs.wake_waiting,
    standard_measures.give_due,
    survey_mails.ask_due,
    pretest_mails.ask_due,
    answers.close_due,
    meeting_series.make_due,
    agendas.fill_due,
    meeting_invitations.invite_due,
    follow_up_reminders.remind_due,
    asker_notices.tell_askers,
    archives.wake_waiting,
    *DRILL_STEPS,
)


def take(steps: Iterable[Step]) -> None:
    """Take one step after the other, whatever becomes of each."""
    for step in steps:
        try:
            step(at=clock.now())
        except Exception:
            log.exception(
                "The tick's step %s.%s went wrong; the next tick tries again.", step.__module__, step.__name__
            )
