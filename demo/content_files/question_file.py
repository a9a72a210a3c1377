"""Questions, their groups and the answers (questions.yaml)."""

from pathlib import Path

from lib.yaml_files import read_text, yaml_item

from .content import Content


def read_questions(folder: Path, content: Content, facts: set[str]) -> None:
    """Read the questions that influencers relayed, their groups and the answers."""
    name = "questions.yaml"
    top = yaml_item(read_text(folder, name), name, content.languages)
    groups, questions = top.items("groups"), top.items("questions")
    slugs = {group.text("id", 60) for group in groups}
    for group in groups:
        group.translated("label")
    numbers, topics, authorities = (
        {bulletin.number for bulletin in content.bulletins},
        content.slugs("topics"),
        content.slugs("authorities"),
    )
    for question in questions:
        question.choice("group", slugs)
        question.choice("language", content.languages)
        question.text("text")
        question.text("channel", 40)
        question.text("relayed_by")
        question.moment("asked_at")
        question.choice("bulletin", numbers)
        question.choice("topic", topics)
        if "answer" not in question.data:
            continue
        answer = question.item("answer")
        answer.choice("authority", authorities)
        answer.moment("published_at")
        answer.moment("valid_until", optional=True)
        answer.choice("fact", facts)
        for language in content.languages:
            answer.text(language)
        video = answer.item("video")
        video.url("url")
        video.choice("spoken_language", content.languages)
        video.number("duration_seconds")
        for language, subtitles in video.translated("subtitles").items():
            if not subtitles.startswith("WEBVTT"):
                raise video.fault(f"subtitles.{language}", "should begin with WEBVTT")
    content.question_groups.extend(groups)
    content.questions.extend(questions)
