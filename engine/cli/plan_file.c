/* plan_file.c: plans written, read and checked. See plan_file.h. */
#include "cli/plan_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/whole_file.h"
#include "cli/signature.h"
#include "def/yaml.h"
#include "run/plan.h"

#define FORMAT   "wfrun-plan"
#define VERSION  1
#define FILE_MAX (2 * WF_PLAN_MAX) /* with the blanks that make it readable */

int wf_plan_file_seal(jv plan, struct wf_plan_file *ret, struct wf_err *err)
{
    struct wf_plan_file file = {.plan = plan};
    file.plan = wf_val_set(file.plan, "format", jv_string(FORMAT));
    file.plan = wf_val_set(file.plan, "version", jv_number(VERSION));
    file.canonical = wf_val_canonical(&file.plan);
    if (!file.canonical) {
        jv_free(file.plan);
        return wf_err_set(err, WF_EINVAL, "the plan " WF_VAL_TOO_DEEP);
    }
    file.len = strlen(file.canonical);
    if (file.len > WF_PLAN_MAX) {
        wf_plan_file_done(&file);
        wf_err_hint(err, "plan a part of the work at a time: give the workflow a smaller input");
        return wf_err_set(err, WF_ELIMIT, "the plan is longer than %zu MiB", WF_PLAN_MAX >> 20);
    }
    wf_sha256(file.canonical, file.len, file.digest);
    wf_sha256_text(file.digest, file.digest_text);
    *ret = file;
    return 0;
}

void wf_plan_file_done(struct wf_plan_file *file)
{
    jv_free(file->plan);
    free(file->canonical);
    free(file->signer);
    *file = (struct wf_plan_file){.plan = jv_invalid()};
}

int wf_plan_file_write(const struct wf_plan_file *file, const char *path, struct wf_err *err)
{
    jv whole = wf_val_set(jv_copy(file->plan), "digest", jv_string(file->digest_text));
    struct wf_buf text;
    wf_buf_init(&text, SIZE_MAX / 4);
    wf_val_write_pretty(&whole, &text);
    wf_buf_char(&text, '\n');
    int rc = wf_whole_file_write(path, WF_WHOLE_FOR_OWNER, text.ptr, text.len, err);
    wf_buf_done(&text);
    jv_free(whole);
    return rc;
}

static int check(const jv *whole, const char *path, struct wf_plan_file *file, struct wf_err *err)
{
    if (strcmp(wf_val_string(whole, "format", ""), FORMAT) != 0)
        return wf_err_set(err, WF_EINVAL, "%s is no plan; `wfrun plan WORKFLOW.yaml --out FILE` makes one", path);
    if (wf_val_number(whole, "version", 0) != VERSION)
        return wf_err_set(err, WF_EMISMATCH, "%s is a plan of format version %g, and this wfrun knows %d", path,
            wf_val_number(whole, "version", 0), VERSION);
    int rc = wf_plan_file_seal(jv_object_delete(jv_copy(*whole), jv_string("digest")), file, err);
    if (rc == 0 && strcmp(file->digest_text, wf_val_string(whole, "digest", "")) != 0) {
        wf_plan_file_done(file);
        wf_err_hint(err, "make a new one with `wfrun plan`");
        return wf_err_set(err, WF_EMISMATCH, "%s was changed after it was made: its digest does not fit", path);
    }
    return rc;
}

int wf_plan_file_read(const char *path, const char *const *keys, struct wf_plan_file *ret, struct wf_err *err)
{
    struct wf_err why = {0};
    char *text, *signer = NULL;
    size_t len;
    jv whole;
    int rc = wf_yaml_read_long_file(path, FILE_MAX, &text, &len, err);
    if (rc < 0)
        return WF_EINVAL;
    rc = wf_signature_check(path, keys, text, len, &signer, &why);
    if (rc < 0) {
        wf_err_set(err, rc, "%s is not applied, because it must be signed: %s", path, why.msg);
        wf_err_hint(err, "to sign it: minisign -Sm %s", path);
        free(text);
        return rc;
    }
    rc = wf_val_parse_long(text, len, FILE_MAX, &whole, err);
    if (rc < 0) {
        why = *err;
        *err = (struct wf_err){0};
        rc = wf_err_set(err, WF_EINVAL, "%s is no plan: %s", path, why.msg);
    } else {
        rc = check(&whole, path, ret, err);
        jv_free(whole);
    }
    if (rc == 0)
        ret->signer = signer;
    else
        free(signer);
    free(text);
    return rc;
}

void wf_plan_file_run_id(const struct wf_plan_file *file, char ret_id[WF_UUID_TEXT])
{
    uint8_t space[WF_UUID_SIZE];
    wf_uuid_space(FORMAT, space);
    wf_uuid_named(space, file->digest_text, ret_id);
}
