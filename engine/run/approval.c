/* approval.c: how many words of whom make an approval.
 *
 * A word is a fact under what it is about, `PATH#word/N`: who gave it, as what, and why. The first "no" is a denial; as
 * many different people as the quorum must say "go"; four eyes: not the one who began the run; a word that comes after
 * the deadline, or is about another digest than the one that was asked for, does not count. The deadline is a denial. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "run/effect.h"

/* ---- what is asked ---- */

/* What the words are about: this plan, or without one this run, and this part of it. */
static void digest_of(const struct wf_run *run, const char *path, char ret[WF_SHA256_TEXT])
{
    const char *plan = wf__bounds_plan(run);
    char *text = wf_asprintf("%s\n%s", *plan ? plan : run->start.run_id, path);
    uint8_t digest[WF_SHA256_SIZE];

    wf_sha256(text, strlen(text), digest);
    wf_sha256_text(digest, ret);
    free(text);
}

jv wf__approval_describe(struct wf_run *run, const char *path, jv intent)
{
    const struct wf_approval_rules *rules = wf__bounds_rules(run);
    char digest[WF_SHA256_TEXT];

    digest_of(run, path, digest);
    intent = wf_val_set(intent, "digest", jv_string(digest));
    intent = wf_val_set(intent, "needed", jv_number((double)rules->quorum));
    if (rules->four_eyes)
        intent = wf_val_set(intent, "notBy", jv_string(rules->by));
    if (rules->timeout_ms > 0)
        intent = wf_val_set(
            intent, "deadline", jv_number((double)(wf_loop_now_ms(run->engine->set.loop) + rules->timeout_ms)));
    return intent;
}

/* ---- what was said ---- */

/* The words so far, as a list. */
static jv words_read(struct wf_run *run, const char *path)
{
    jv words = jv_array();

    for (unsigned number = 1;; number++) {
        char *fact = wf_asprintf("%s#word/%u", path, number);
        struct wf_record record;
        jv word;

        run->engine->set.journal->lookup(run->ref, fact, &record);
        free(fact);
        if (record.state != WF_REC_DONE || wf_val_parse(record.outcome.ptr, record.outcome.len, &word, NULL) != 0)
            return words;
        words = jv_array_append(words, word);
    }
}

static bool is_late(const struct wf_run *run, const jv *intent)
{
    return wf_loop_now_ms(run->engine->set.loop) > (int64_t)wf_val_number(intent, "deadline", 9e15);
}

static bool has_spoken(const jv *words, const char *by)
{
    bool found = false;

    jv_array_foreach(*words, i, word) {
        found = found || strcmp(wf_val_string(&word, "by", ""), by) == 0;
        jv_free(word);
    }
    return found;
}

/* NULL: it counts. "": it does not, and nobody need be told: a word may be delivered again after a crash. */
static const char *why_not(struct wf_run *run, const jv *intent, const jv *words, const jv *word)
{
    const char *by = wf_val_string(word, "by", ""), *digest = wf_val_string(word, "digest", NULL);

    if (has_spoken(words, by))
        return "";
    if (is_late(run, intent))
        return "it came after the deadline";
    if (digest && strcmp(digest, wf_val_string(intent, "digest", "")) != 0)
        return "it is about something else";
    if (strcmp(wf_val_string(word, "decision", ""), "no") != 0 && strcmp(by, wf_val_string(intent, "notBy", "\n")) == 0)
        return "who began the run may not approve it";
    return NULL;
}

static void word_keep(struct wf_run *run, const char *path, const jv *word, int number)
{
    char *fact = wf_asprintf("%s#word/%d", path, number), *text = wf_val_text(word);

    (void)run->engine->set.journal->outcome(
        run->ref, fact, WF_OP_FACT, WF_REC_DONE, (struct wf_slice){text, strlen(text)}, 0);
    free(text);
    free(fact);
}

/* ---- what follows ---- */

static jv decision_new(const char *decision, jv words, const char *reason)
{
    jv json = wf_val_set(wf_val_set(jv_object(), "decision", jv_string(decision)), "words", words);

    return reason ? wf_val_set(json, "reason", jv_string(reason)) : json;
}

/* Of the words alone, so that a crash behind any of them changes nothing. Consumes words. */
static jv decide(struct wf_run *run, const jv *intent, jv words)
{
    int count = jv_array_length(jv_copy(words));
    jv last = count ? jv_array_get(jv_copy(words), count - 1) : jv_null(), decision = jv_invalid();

    if (strcmp(wf_val_string(&last, "decision", ""), "no") == 0)
        decision = decision_new("no", jv_copy(words), wf_val_string(&last, "reason", NULL));
    else if (count >= (int)wf_val_number(intent, "needed", 1))
        decision = decision_new("go", jv_copy(words), NULL);
    else if (is_late(run, intent))
        decision = decision_new("no", jv_copy(words), "nobody approved it before the deadline");
    jv_free(last);
    jv_free(words);
    return decision;
}

jv wf__approval_decision(struct wf_run *run, const char *path, const jv *intent)
{
    return decide(run, intent, words_read(run, path));
}

jv wf__approval_word(struct wf_run *run, const char *path, const jv *intent, jv word)
{
    jv words = words_read(run, path);
    const char *why = why_not(run, intent, &words, &word);

    if (!why) {
        word_keep(run, path, &word, jv_array_length(jv_copy(words)) + 1);
        words = jv_array_append(words, jv_copy(word));
    } else if (*why) {
        wf_log(WF_LOGL_WARN, "a word of %s on %s does not count: %s", wf_val_string(&word, "by", "?"), path, why);
    }
    jv_free(word);
    return decide(run, intent, words);
}

jv wf__approval_given(struct wf_run *run, const char *path, jv intent)
{
    jv names = jv_array(), words = words_read(run, path);

    jv_array_foreach(words, i, word) {
        names = jv_array_append(names, jv_string(wf_val_string(&word, "by", "?")));
        jv_free(word);
    }
    jv_free(words);
    return wf_val_set(intent, "given", names);
}
