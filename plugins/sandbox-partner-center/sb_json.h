/* sb_json.h: JSON as the service reads and writes it: names without case when read, links and attributes when written.
 *
 * Ownership   Functions that add hand their value to the object they add it to. Texts returned belong to the object.
 */
#ifndef SB_JSON_H
#define SB_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* A member, found without regard to case; the last one wins when a client wrote it twice. NULL when absent or null. */
cJSON *sb_json_get(const cJSON *object, const char *name);
const char *sb_json_text(const cJSON *object, const char *name); /* NULL unless it is a text */
int64_t sb_json_int(const cJSON *object, const char *name, int64_t fallback);
double sb_json_number(const cJSON *object, const char *name, double fallback);
bool sb_json_bool(const cJSON *object, const char *name, bool fallback);

/* Adds text unless it is empty: the service leaves such members out. */
void sb_json_put(cJSON *object, const char *name, const char *text);
void sb_json_put_time(cJSON *object, const char *name, int64_t at_ms);
/* {"uri":..., "method":"GET", "headers":[]} under a name of `links`. */
cJSON *sb_json_link(cJSON *links, const char *name, const char *uri_format, ...) __attribute__((format(printf, 3, 4)));
void sb_json_attributes(cJSON *object, const char *type, const char *etag);
/* {"totalCount", "items", "attributes"} around an array, which it takes. */
cJSON *sb_json_collection(cJSON *items);
/* Parses a body: a byte order mark is skipped. NULL when it is not JSON. */
cJSON *sb_json_parse(const char *text, size_t len);

#endif
