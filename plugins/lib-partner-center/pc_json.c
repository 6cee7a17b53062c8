/* pc_json.c: reading what the service writes: members in any case, ids in any case, names that become ids. */
#include "pc_int.h"

#include <ctype.h>
#include <strings.h>
#include <uuid/uuid.h>

/* Most names and ids differ in their first byte: seeing that here spares nine of ten calls of strcasecmp. Letters of two
 * cases differ in the bit 0x20 alone. */
static bool same_letters(const char *a, const char *b)
{
    return ((*a ^ *b) & ~0x20) == 0 && strcasecmp(a, b) == 0;
}

cJSON *pc_member(const cJSON *object, const char *name)
{
    cJSON *found = NULL, *member;
    if (!cJSON_IsObject(object))
        return NULL;
    cJSON_ArrayForEach(member, object) {
        if (member->string && same_letters(member->string, name))
            found = member;
    }
    return cJSON_IsNull(found) ? NULL : found;
}

const char *pc_str(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(pc_member(object, name));
    return text ? text : "";
}

int64_t pc_int(const cJSON *object, const char *name, int64_t otherwise)
{
    const cJSON *member = pc_member(object, name);
    if (!cJSON_IsNumber(member) || member->valuedouble > 9e15 || member->valuedouble < -9e15)
        return otherwise;
    return (int64_t)member->valuedouble;
}

bool pc_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(pc_member(object, name));
}

void pc_set(cJSON *object, const char *name, cJSON *value)
{
    if (!cJSON_ReplaceItemInObject(object, name, value))
        cJSON_AddItemToObject(object, name, value);
}

bool pc_same(const char *a, const char *b)
{
    return a && b && *a && same_letters(a, b);
}

bool pc_in(const cJSON *strings, const char *id)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, strings) {
        if (pc_same(cJSON_GetStringValue(item), id))
            return true;
    }
    return false;
}

const char *pc_quote(struct pc *pc, const char *id)
{
    static const char hex[] = "0123456789ABCDEF";
    char *out = pc->host->alloc(pc->step, strlen(id) * 3 + 1);
    if (!out)
        return "";
    char *end = out;
    for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
        if (isalnum(*c) || strchr("-._~:@", *c)) {
            *end++ = (char)*c;
        } else {
            *end++ = '%';
            *end++ = hex[*c >> 4];
            *end++ = hex[*c & 15];
        }
    }
    return out;
}

const char *pc_uuid5(struct pc *pc, const char *space, const char *name)
{
    /* The namespace of all that wfrun derives when it is given a text that is no UUID. */
    static const uuid_t own = {
        0x5c, 0x1d, 0x0b, 0x8e, 0x6a, 0x2f, 0x4e, 0x0d, 0x9b, 0x37, 0x0c, 0x51, 0xe4, 0x77, 0x1a, 0x92};
    uuid_t base, id;
    if (uuid_parse(space, base) != 0)
        uuid_generate_sha1(base, own, space, strlen(space));
    uuid_generate_sha1(id, base, name, strlen(name));
    char *text = pc->host->alloc(pc->step, UUID_STR_LEN);
    if (!text)
        return "";
    uuid_unparse_lower(id, text);
    return text;
}

/* Ids come in either case: the tag must not depend on it. */
static const char *lower(struct pc *pc, const char *text)
{
    char *copy = pc->host->alloc(pc->step, strlen(text) + 1);
    for (size_t i = 0; copy && text[i]; i++)
        copy[i] = (char)tolower((unsigned char)text[i]);
    return copy ? copy : "";
}

const char *pc_tag(struct pc *pc, const char *workflow, const char *customer, const char *source, const char *offer)
{
    const char *name =
        pc_text(pc, "%s\n%s\n%s\n%s", workflow, lower(pc, customer), lower(pc, source), lower(pc, offer));
    const char *id = pc_uuid5(pc, "wfrun purchase", name);
    return pc_text(pc, "wf-%.8s%.4s", id, id + 9);
}

const char *pc_who(struct pc *pc, const char *sign_in_name)
{
    if (!pc->set.report_privacy)
        return sign_in_name;
    return pc_text(pc, "user-%.8s", pc_uuid5(pc, pc->tenant, lower(pc, sign_in_name)));
}
