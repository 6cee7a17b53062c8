/* terms_approval.c: who must say yes before effects: the definition's rules and the setting `approval`, the stricter of
 * each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/terms.h"

static const char *const classes[] = {"write", "spend", "irreversible"};

static size_t class_of(const char *word)
{
    size_t i = 0;
    while (i < sizeof classes / sizeof *classes && strcmp(word, classes[i]) != 0)
        i++;
    return i;
}

/* One word of the setting, as something that is asked for beside what is asked for already. */
static bool add_word(struct wf_approval_def *rules, const char *word)
{
    size_t class = class_of(word);
    int64_t within;
    char *end;
    if (class < sizeof classes / sizeof *classes) {
        if (!rules->before || class < class_of(rules->before))
            rules->before = classes[class];
    } else if (strcmp(word, "item") == 0) {
        rules->per = "item";
    } else if (strcmp(word, "four-eyes") == 0) {
        rules->four_eyes = true;
    } else if (strncmp(word, "quorum=", 7) == 0) {
        unsigned long quorum = strtoul(word + 7, &end, 10);
        if (*end || quorum < 1 || quorum > WF_QUORUM_MAX)
            return false;
        if (quorum > (unsigned long)rules->quorum)
            rules->quorum = (int64_t)quorum;
    } else if (strncmp(word, "timeout=", 8) == 0) {
        within = wf_span_parse(word + 8);
        if (within <= 0)
            return false;
        if (within < wf_duration_ms(rules->timeout.fixed))
            rules->timeout.fixed = (struct wf_duration){.ms = within};
    } else {
        return false;
    }
    return true;
}

/* Consumes the text. */
static int add_setting(struct wf_approval_def *rules, char *text, struct wf_err *err)
{
    char *rest = text;
    int rc = 0;
    for (char *word; rc == 0 && (word = strtok_r(rest, ", ", &rest));)
        if (!add_word(rules, word))
            rc = wf_err_set(err, WF_EINVAL, "--approval: `%s` is none of its words", word);
    if (rc == 0 && !rules->before)
        rc = wf_err_set(err, WF_EINVAL, "--approval: it does not say before which effects");
    if (rc < 0)
        wf_err_hint(err, "write spend, or write,item,four-eyes,quorum=2,timeout=4h");
    free(text);
    return rc;
}

int wf__terms_approval(const struct wf_def *def, const char *setting, jv *terms, struct wf_err *err)
{
    struct wf_approval_def rules = def->approval;
    if (!rules.before) {
        rules.per = "run";
        rules.quorum = 1;
        rules.timeout.fixed.ms = WF_APPROVAL_TIMEOUT_MS;
    }
    if (setting && add_setting(&rules, wf_strdup(setting), err) < 0)
        return WF_EINVAL;
    if (!rules.before)
        return 0;
    jv approval = wf_val_set(jv_object(), "before", jv_string(rules.before));
    approval = wf_val_set(approval, "per", jv_string(rules.per));
    approval = wf_val_set(approval, "quorum", jv_number((double)rules.quorum));
    approval = wf_val_set(approval, "fourEyes", jv_bool(rules.four_eyes));
    approval = wf_val_set(approval, "timeoutMs", jv_number((double)wf_duration_ms(rules.timeout.fixed)));
    *terms = wf_val_set(*terms, "approval", approval);
    return 0;
}
