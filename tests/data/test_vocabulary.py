"""Words and numbers: the list that was made from COCO's own captions, ragged captions, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ccdni_lib import FileError, SettingError
from ccdni_lib.data.vocabulary import END, UNKNOWN, Vocabulary, tokenize

COCO = Path(__file__).parents[2].parent / "shared" / "data" / "coco"
needs_coco = pytest.mark.skipif(not COCO.is_dir(), reason="the COCO sample is not beside the repository")
SMALL = Vocabulary(("a", "ball", "red"), (5, 3, 1))


@needs_coco
def test_the_list_from_cocos_captions_comes_out_with_counts_and_in_order():
    annotations = json.loads((COCO / "captions_val2017.json").read_text())["annotations"]
    vocabulary = Vocabulary.build([annotation["caption"] for annotation in annotations], minimum=5)
    lines = (COCO / "vocab_val2017_min5.tsv").read_text().splitlines()
    assert len(lines) == len(vocabulary.words) == 2334
    assert [f"{word}\t{count}" for word, count in zip(vocabulary.words, vocabulary.counts, strict=True)] == lines
    assert Vocabulary.load(COCO / "vocab_val2017_min5.tsv") == vocabulary


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("A man, his dog; and (maybe) a cat.", "a man his dog and maybe a cat"),
        ("  It's\n10 o'clock -- TWO-way\tstreet!! ", "it's 10 o'clock two way street"),
        ("...", ""),
        ("", ""),
    ],
)
def test_words_are_lower_case_and_without_punctuation(caption, words):
    assert tokenize(caption) == words.split()


def test_rare_words_are_left_out_and_ties_go_to_the_first():
    captions = ["b a", "b a c", "a d c e"]
    assert Vocabulary.build(captions, minimum=1) == Vocabulary(("a", "b", "c", "d", "e"), (3, 2, 2, 1, 1))
    assert Vocabulary.build(captions, minimum=2).words == ("a", "b", "c")
    assert Vocabulary.build(captions, minimum=1, size=4).words == ("a", "b")
    assert len(Vocabulary.build(captions, minimum=1, size=4)) == 4


def test_captions_are_padded_with_the_end_and_cut_with_it():
    captions = ["A red ball", "ball", "", "a blue ball, a red ball"]
    words, lengths = SMALL.encode(captions)
    assert words.tolist() == [[2, 4, 3, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0, 0], [0] * 7, [2, UNKNOWN, 3, 2, 4, 3, 0]]
    assert lengths.tolist() == [4, 2, 1, 7]
    words, lengths = SMALL.encode(captions, steps=3)
    assert words.tolist() == [[2, 4, 3], [3, END, END], [END] * 3, [2, UNKNOWN, 3]]
    assert lengths.tolist() == [3, 2, 1, 3]
    assert SMALL.encode(captions, steps=9).words.shape == (4, 9)
    assert SMALL.encode([]).words.shape == (0, 0)


@given(st.lists(st.lists(st.sampled_from(["a", "ball", "red", "<unknown>"]))))
def test_what_is_decoded_encodes_to_the_same_numbers(captions):
    texts = [" ".join(words) for words in captions]
    encoded = SMALL.encode(texts)
    assert encoded.lengths.tolist() == [len(words) + 1 for words in captions]
    assert SMALL.decode(encoded.words) == texts
    assert torch.equal(SMALL.encode(SMALL.decode(encoded.words)).words, encoded.words)


def test_a_caption_ends_at_its_first_end():
    assert SMALL.decode(torch.tensor([[2, 3, END, 4, 4], [2, 2, 2, 2, 2]])) == ["a ball", "a a a a a"]
    assert Vocabulary.build(["<unknown> a"], minimum=1).words == ("a",)


def test_a_file_gives_back_what_was_saved(tmp_path):
    SMALL.save(tmp_path / "words.tsv")
    assert (tmp_path / "words.tsv").read_text() == "a\t5\nball\t3\nred\t1\n"
    assert Vocabulary.load(tmp_path / "words.tsv") == SMALL
    with pytest.raises(FileError, match=r"the folder .*no must exist"):
        SMALL.save(tmp_path / "no" / "words.tsv")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a\t5\nball 3\n", "words.tsv, line 2: must be a word, a tab and a count, is 'ball 3'"),
        (b"a\t5\n\nball\t3\n", "words.tsv, line 2: must be a word, a tab and a count, is ''"),
        (b"a\t-5\n", "words.tsv, line 1: must be a word, a tab and a count"),
        (b"a b\t5\n", "words.tsv, line 1: must be a word, a tab and a count"),
        (b"A\t5\n", "words.tsv, line 1: must be a word, a tab and a count"),
        (b"a\t5\nb\t4\na\t3\n", "words.tsv: is no vocabulary (vocabulary: must have 'a' once only)"),
        (b"", "words.tsv: must have a word, a tab and its count on each line, is empty"),
        (b"\xff\xfe\x00", "words.tsv: cannot be read (is no text)"),
    ],
)
def test_a_file_that_is_no_vocabulary_is_named_with_its_line(tmp_path, content, why):
    (tmp_path / "words.tsv").write_bytes(content)
    with pytest.raises(FileError) as refused:
        Vocabulary.load(tmp_path / "words.tsv")
    assert str(refused.value).removeprefix(f"{tmp_path}/").startswith(why)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"no\.tsv: cannot be read \(No such file or directory\)"):
        Vocabulary.load(tmp_path / "no.tsv")


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda: Vocabulary.build(["a"], minimum=0), "minimum 0: must be 1 or more"),
        (lambda: Vocabulary.build(["a a", "b"], minimum=3), "minimum 3: must be at most 2 for these captions"),
        (lambda: Vocabulary.build(["...", ""]), "captions: must have a word among them"),
        (lambda: Vocabulary.build(["a"], size=2), "size 2: must be 3 or more"),
        (lambda: SMALL.encode(["a"], steps=0), "steps 0: must be 1 or more"),
        (lambda: SMALL.decode(torch.tensor([[2, 5]])), "word 5: must be 0…4"),
        (lambda: SMALL.decode(torch.tensor([[-1, 4]])), "word -1: must be 0…4"),
        (lambda: Vocabulary(("a", "b"), (1,)), "vocabulary: must have a count for each of its 2 words"),
        (lambda: Vocabulary(("two words",), (1,)), "vocabulary: 'two words' must be one word"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(ask, why):
    with pytest.raises(SettingError) as refused:
        ask()
    assert str(refused.value).startswith(why)
