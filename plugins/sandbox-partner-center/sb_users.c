/* sb_users.c: the people of a customer's tenant, as Partner Center shows them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sb_handlers.h"
#include "sb_json.h"
#include "sb_ledger.h"
#include "sb_page.h"
#include "sb_user.h"

void sb_user_read(sqlite3_stmt *stmt, struct sb_user *ret_user)
{
    struct sb_user *user = ret_user;
    sb_store_copy(stmt, 0, user->id, sizeof user->id);
    sb_store_copy(stmt, 1, user->upn, sizeof user->upn);
    sb_store_copy(stmt, 2, user->first, sizeof user->first);
    sb_store_copy(stmt, 3, user->last, sizeof user->last);
    sb_store_copy(stmt, 4, user->display, sizeof user->display);
    sb_store_copy(stmt, 5, user->location, sizeof user->location);
    user->enabled = sqlite3_column_int(stmt, 6);
    user->deleted_ms = sqlite3_column_int64(stmt, 7);
}

bool sb_user_load(struct sb_store *store, const char *customer, const char *id, struct sb_user *ret_user)
{
    sqlite3_stmt *stmt = sb_store_query(store, SB_USER_SELECT "WHERE id=? AND customer=?", "ss", id, customer);
    if (!sb_store_step(stmt)) {
        if (!strchr(id, '@'))
            return false;
        stmt = sb_store_query(store, SB_USER_SELECT "WHERE customer=? AND upn=?", "ss", customer, id);
        if (!sb_store_step(stmt))
            return false;
    }
    sb_user_read(stmt, ret_user);
    sqlite3_reset(stmt);
    return true;
}

/* There is no word about blocked sign-in here: such a user looks active. */
static cJSON *write_user(struct sb_request *req, const struct sb_user *user)
{
    cJSON *json = cJSON_CreateObject();
    sb_json_put(json, "usageLocation", user->location);
    cJSON_AddStringToObject(json, "id", user->id);
    cJSON_AddStringToObject(json, "userPrincipalName", user->upn);
    sb_json_put(json, "firstName", user->first);
    sb_json_put(json, "lastName", user->last);
    cJSON_AddStringToObject(json, "displayName", user->display);
    cJSON_AddStringToObject(json, "userDomainType", "none");
    cJSON_AddStringToObject(json, "state", user->deleted_ms ? "inactive" : "active");
    if (user->deleted_ms)
        sb_json_put_time(json, "softDeletionTime", user->deleted_ms);
    cJSON *links = cJSON_AddObjectToObject(json, "links");
    sb_json_link(links, "self", "/customers/%s/users/%s", req->customer.id, user->id);
    sb_json_attributes(json, "CustomerUser", NULL);
    return json;
}

void sb_users_list(struct sb_request *req)
{
    struct sb_store *store = &req->world->store;
    char field[64] = "", value[256] = "";
    bool bad, deleted = false;
    if (sb_page_filter(req, field, value, &bad))
        deleted = strcasecmp(field, "UserState") == 0 && strcasecmp(value, "Inactive") == 0;
    if (bad)
        return;
    int64_t total = sb_store_int(store, 0, "SELECT count(*) FROM person WHERE customer=? AND (deleted_ms<>0)=?", "si",
        req->customer.id, (int64_t)deleted);
    struct sb_page page;
    if (!sb_page_read(req, total, &page))
        return;
    const char *direction = sb_request_query(req, "sortDirection");
    bool by_name = sb_request_query(req, "sortField") != NULL;
    bool down = direction && strncasecmp(direction, "desc", 4) == 0;
    sqlite3_stmt *stmt;
    if (!by_name)
        stmt =
            sb_store_query(store, SB_USER_SELECT "WHERE customer=? AND (deleted_ms<>0)=? ORDER BY seq LIMIT ? OFFSET ?",
                "siii", req->customer.id, (int64_t)deleted, page.size, page.offset);
    else if (down)
        stmt = sb_store_query(store,
            SB_USER_SELECT "WHERE customer=? AND (deleted_ms<>0)=? ORDER BY display DESC, seq LIMIT ? OFFSET ?", "siii",
            req->customer.id, (int64_t)deleted, page.size, page.offset);
    else
        stmt = sb_store_query(store,
            SB_USER_SELECT "WHERE customer=? AND (deleted_ms<>0)=? ORDER BY display, seq LIMIT ? OFFSET ?", "siii",
            req->customer.id, (int64_t)deleted, page.size, page.offset);
    cJSON *items = cJSON_CreateArray();
    while (sb_store_step(stmt)) {
        struct sb_user user;
        sb_user_read(stmt, &user);
        cJSON_AddItemToArray(items, write_user(req, &user));
    }
    sb_reply_json(req, 200, sb_page_write(req, &page, total, items));
}

static bool load(struct sb_request *req, struct sb_user *ret_user)
{
    if (sb_user_load(&req->world->store, req->customer.id, req->args[1], ret_user))
        return true;
    sb_reply_fail(req, 404, 60002, "User %s was not found.", req->args[1]);
    return false;
}

void sb_users_get(struct sb_request *req)
{
    struct sb_user user;
    if (load(req, &user))
        sb_reply_json(req, 200, write_user(req, &user));
}

void sb_users_patch(struct sb_request *req)
{
    struct sb_user user;
    const char *location = sb_json_text(req->json, "usageLocation");
    if (!load(req, &user))
        return;
    if (location &&
        (strlen(location) != 2 || !isupper((unsigned char)location[0]) || !isupper((unsigned char)location[1]))) {
        sb_reply_fail(req, 400, 3000, "usageLocation needs an ISO country code of two letters.");
        return;
    }
    if (location) {
        cJSON *detail = cJSON_CreateObject();
        cJSON_AddStringToObject(detail, "userId", user.id);
        cJSON_AddStringToObject(detail, "usageLocation", location);
        snprintf(user.location, sizeof user.location, "%s", location);
        sb_store_run(&req->world->store, "UPDATE person SET location=? WHERE id=?", "ss", location, user.id);
        sb_ledger_add(req->world, req, "usageLocation", req->customer.id, req->now_ms, detail);
    }
    sb_reply_json(req, 200, write_user(req, &user));
}
