/* pc_price_list.c: a price list as rows: CSV as Partner Center exports it, or JSON; read once for all steps.
 *
 * Column names are known by their letters and digits alone, so "Offer ID", "OfferId" and "offer_id" are the same. */
#define _GNU_SOURCE /* asprintf */
#include "pc_int.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define MAX_COLUMNS 64
#define MAX_BYTES   ((int64_t)256 << 20)

struct list {
    struct list *next;
    char *name;       /* of the file, or the text itself */
    int64_t mtime_ns; /* of a file */
    int64_t read_ms;  /* a sheet */
    char *why;        /* there is no sheet; NULL: there is */
    struct pc__price_row *rows;
    size_t n;
};

/* A lock of its own, for reading a long file takes longer than the moments that pc__lock is held. */
static pthread_mutex_t lists_lock = PTHREAD_MUTEX_INITIALIZER;
static struct list *lists; /* guarded by lists_lock, with all that is in them */

enum column { OFFER, PRODUCT, SKU, PRICE, UNIT, TERM, PLAN, MARKET, CURRENCY, SEGMENT, CHANGE, START, END, COLUMNS };

/* What the exports of both eras call it, and a short word for those written by hand. The cost is what the partner pays:
 * "List price" of the legacy list, "UnitPrice" of new commerce, never the price recommended for the customer (ERP). */
static const char *const names[COLUMNS][3] = {[OFFER] = {"offerid", "offer"},
    [PRODUCT] = {"productid"},
    [SKU] = {"skuid"},
    [PRICE] = {"unitprice", "listprice", "price"},
    [UNIT] = {"purchaseunit"},
    [TERM] = {"termduration", "term"},
    [PLAN] = {"billingplan", "billingcycle"},
    [MARKET] = {"market", "country"},
    [CURRENCY] = {"currency"},
    [SEGMENT] = {"segment"},
    [CHANGE] = {"acdu"},
    [START] = {"effectivestartdate", "validfromdate"},
    [END] = {"effectiveenddate", "validtodate"}};

static enum column column_of(const char *name)
{
    char plain[64];
    size_t len = 0;
    for (; *name && len < sizeof plain - 1; name++)
        if (isalnum((unsigned char)*name))
            plain[len++] = (char)tolower((unsigned char)*name);
    plain[len] = 0;
    for (int c = 0; c < COLUMNS; c++)
        for (size_t i = 0; i < 3 && names[c][i]; i++)
            if (strcmp(names[c][i], plain) == 0)
                return (enum column)c;
    return COLUMNS;
}

static void row_free(struct pc__price_row *row)
{
    free(row->offer);
    free(row->market);
    free(row->currency);
    free(row->segment);
    free(row->plan);
    free(row->term);
}

static void list_free(struct list *list)
{
    for (size_t i = 0; i < list->n; i++)
        row_free(&list->rows[i]);
    free(list->rows);
    free(list->why);
    free(list->name);
    free(list);
}

/* ---- rows ---- */

/* "30.1" in millionths; -1: not a number with a point. */
static int64_t micros_of(const char *text)
{
    int64_t whole = 0, part = 0, unit = 100000;
    if (!isdigit((unsigned char)*text))
        return -1;
    for (; isdigit((unsigned char)*text); text++)
        if ((whole = whole * 10 + (*text - '0')) > 1000000000)
            return -1;
    if (*text == '.')
        for (text++; isdigit((unsigned char)*text); text++, unit /= 10)
            part += unit * (*text - '0');
    return *text ? -1 : whole * 1000000 + part;
}

/* As the service writes dates, or 1/31/2017 as the legacy export does. -1: none. */
static int64_t date_of(const char *text)
{
    int month, day, year;
    char iso[40];
    if (!text || sscanf(text, "%d/%d/%d", &month, &day, &year) != 3)
        return pc_date(text);
    snprintf(iso, sizeof iso, "%04d-%02d-%02d", year, month, day);
    return pc_date(iso);
}

static char *copy(const char *text)
{
    return strdup(text ? text : "");
}

/* One line of the list. 0: taken or of no concern; -1: its price cannot be read. */
static int list_add(struct list *list, const char *const cells[COLUMNS])
{
    char *offer = NULL;
    if (cells[CHANGE] && strcasecmp(cells[CHANGE], "DEL") == 0)
        return 0;
    if (cells[OFFER] && *cells[OFFER])
        offer = strdup(cells[OFFER]);
    else if (cells[PRODUCT] && *cells[PRODUCT] && cells[SKU] &&
             asprintf(&offer, "%s:%s", cells[PRODUCT], cells[SKU]) < 0)
        offer = NULL;
    if (!offer)
        return 0;
    struct pc__price_row row = {.offer = offer, .micros = micros_of(cells[PRICE] ? cells[PRICE] : "")};
    const char *term = cells[TERM] ? cells[TERM] : "";
    row.months = pc_months(term);
    if (!row.months && cells[UNIT]) /* "1 Month(s)" */
        row.months = (int)strtol(cells[UNIT], NULL, 10);
    if (row.months <= 0)
        row.months = 1;
    row.start_ms = date_of(cells[START]);
    row.end_ms = date_of(cells[END]);
    row.term = copy(term);
    row.plan = copy(cells[PLAN]);
    row.market = copy(cells[MARKET]);
    row.currency = copy(cells[CURRENCY]);
    row.segment = copy(cells[SEGMENT]);
    struct pc__price_row *more = realloc(list->rows, (list->n + 1) * sizeof *more);
    if (row.micros < 0 || !more) {
        list->rows = more ? more : list->rows;
        row_free(&row);
        return -1;
    }
    list->rows = more;
    list->rows[list->n++] = row;
    return 0;
}

/* ---- CSV ---- */

/* Cuts one line into cells, in place. Returns the start of the next line. */
static char *cut_line(char *at, char *cells[MAX_COLUMNS], size_t *ret_n)
{
    *ret_n = 0;
    for (;;) {
        bool quoted = *at == '"';
        char *out = at += quoted;
        if (*ret_n < MAX_COLUMNS)
            cells[(*ret_n)++] = at;
        for (; *at && (quoted || !strchr(",\r\n", *at)); at++) {
            if (quoted && *at == '"' && at[1] != '"')
                break;
            at += quoted && *at == '"';
            *out++ = *at;
        }
        at += quoted && *at == '"';
        char end = *at;
        *out = 0;
        if (end)
            at++;
        if (end == '\r' && *at == '\n')
            at++;
        if (end != ',')
            return at;
    }
}

static const char *read_csv(struct pc *pc, struct list *list, char *text)
{
    char *cells[MAX_COLUMNS];
    enum column columns[MAX_COLUMNS];
    size_t n, width, line = 1;
    bool has[COLUMNS] = {false};
    char *at = cut_line(text, cells, &width);
    for (size_t i = 0; i < width; i++) {
        columns[i] = column_of(cells[i]);
        if (columns[i] < COLUMNS)
            has[columns[i]] = true;
    }
    if (!has[PRICE] || !(has[OFFER] || (has[PRODUCT] && has[SKU])))
        return "its first line must name the columns, \"Offer ID\" (or ProductId and SkuId) and \"List Price\" (or "
               "UnitPrice) among them";
    while (*at) {
        const char *row[COLUMNS] = {NULL};
        at = cut_line(at, cells, &n);
        line++;
        for (size_t i = 0; i < n && i < width; i++)
            if (columns[i] < COLUMNS)
                row[columns[i]] = cells[i];
        if (list_add(list, row))
            return pc_text(pc, "the price in line %zu is \"%s\", which is no number such as 30.10", line,
                row[PRICE] ? row[PRICE] : "");
    }
    return NULL;
}

/* ---- JSON ---- */

/* Text or number of a member as a cell. buf takes 32 bytes. */
static const char *cell_of(const cJSON *value, char *buf)
{
    if (!cJSON_IsNumber(value))
        return cJSON_GetStringValue(value);
    snprintf(buf, 32, "%.6f", value->valuedouble);
    return buf;
}

/* {"OFFER": 30.10, ...}: a price per seat and month. */
static const char *read_map(struct pc *pc, struct list *list, const cJSON *tree)
{
    const cJSON *entry;
    cJSON_ArrayForEach(entry, tree) {
        char buf[32];
        const char *row[COLUMNS] = {[OFFER] = entry->string, [PRICE] = cell_of(entry, buf)};
        if (list_add(list, row))
            return pc_text(pc, "the price of %s must be a number, per seat and month", entry->string);
    }
    return NULL;
}

/* [{"offerId": ..., "price": ..., "currency": ...}, ...]: the columns of the export as members. */
static const char *read_rows(struct pc *pc, struct list *list, const cJSON *tree)
{
    const cJSON *line, *member;
    int n = 0;
    cJSON_ArrayForEach(line, tree) {
        const char *row[COLUMNS] = {NULL};
        char price[32];
        n++;
        cJSON_ArrayForEach(member, line) {
            enum column column = column_of(member->string ? member->string : "");
            if (column == PRICE)
                row[PRICE] = cell_of(member, price);
            else if (column < COLUMNS)
                row[column] = cJSON_GetStringValue(member);
        }
        if (list_add(list, row))
            return pc_text(pc, "entry %d has no price that is a number", n);
    }
    return NULL;
}

static const char *read_json(struct pc *pc, struct list *list, const char *text)
{
    cJSON *tree = cJSON_Parse(text);
    const char *wrong = cJSON_IsArray(tree)    ? read_rows(pc, list, tree)
                        : cJSON_IsObject(tree) ? read_map(pc, list, tree)
                                               : "it is no JSON";
    cJSON_Delete(tree);
    return wrong;
}

/* ---- lists ---- */

/* NULL, or what is wrong with it. text is cut up. */
static const char *parse(struct pc *pc, struct list *list, char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    const char *start = text + strspn(text, " \t\r\n");
    return *start == '{' || *start == '[' ? read_json(pc, list, start) : read_csv(pc, list, text);
}

static char *read_file(const char *path, int64_t size)
{
    FILE *file = size < MAX_BYTES ? fopen(path, "r") : NULL;
    char *text = file ? malloc((size_t)size + 1) : NULL;
    size_t len = text ? fread(text, 1, (size_t)size, file) : 0;
    if (text)
        text[len] = 0;
    if (file)
        fclose(file);
    return text;
}

static int broken(struct pc *pc, const char *what, const char *why)
{
    return pc_fault(pc, "configuration", 0, "The price list cannot be used",
        "The setting partner-center.prices is %s, but %s. Export the price list from Partner Center again, or correct "
        "the setting.",
        what, why);
}

static int64_t mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* lists_lock. Reads and keeps it. st: of the file; NULL: the name is the list itself. */
static struct list *load(struct pc *pc, const char *name, const struct stat *st)
{
    struct list *list = calloc(1, sizeof *list);
    char *text = st ? read_file(name, st->st_size) : strdup(name);
    const char *wrong = list && text ? parse(pc, list, text) : "it cannot be read";
    free(text);
    if (!wrong && (list->name = strdup(name))) {
        list->mtime_ns = st ? mtime_ns(st) : 0;
        list->next = lists;
        return lists = list;
    }
    if (list)
        list_free(list);
    broken(pc, st ? pc_text(pc, "\"%.200s\"", name) : "written out", wrong ? wrong : "there is no memory");
    return NULL;
}

/* lists_lock. The list that is kept, unless the file has changed since. */
static struct list *kept(const char *name, const struct stat *st)
{
    for (struct list **at = &lists, *list; (list = *at); at = &list->next) {
        if (strcmp(list->name, name) != 0)
            continue;
        if (!st || list->mtime_ns == mtime_ns(st))
            return list;
        *at = list->next;
        list_free(list);
        break;
    }
    return NULL;
}

/* lists_lock. Copies the rows of one offer for the step. */
static size_t collect(struct pc *pc, const struct list *list, const char *offer, struct pc__price_row **ret_rows)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++)
        n += pc_offer_same(list->rows[i].offer, offer);
    *ret_rows = pc->host->alloc(pc->step, (n + 1) * sizeof **ret_rows);
    n = 0;
    for (size_t i = 0; *ret_rows && i < list->n; i++) {
        const struct pc__price_row *row = &list->rows[i];
        if (!pc_offer_same(row->offer, offer))
            continue;
        (*ret_rows)[n++] = (struct pc__price_row){.offer = (char *)offer,
            .market = (char *)pc_text(pc, "%s", row->market),
            .currency = (char *)pc_text(pc, "%s", row->currency),
            .segment = (char *)pc_text(pc, "%s", row->segment),
            .plan = (char *)pc_text(pc, "%s", row->plan),
            .term = (char *)pc_text(pc, "%s", row->term),
            .start_ms = row->start_ms,
            .end_ms = row->end_ms,
            .micros = row->micros,
            .months = row->months};
    }
    return n;
}

int pc__price_rows(struct pc *pc, const char *name, const char *offer, struct pc__price_row **ret_rows, size_t *ret_n)
{
    struct stat st;
    bool file = *name != '{' && *name != '[';
    if (file && stat(name, &st) != 0)
        return broken(pc, pc_text(pc, "\"%.200s\"", name), strerror(errno));
    pthread_mutex_lock(&lists_lock);
    struct list *list = kept(name, file ? &st : NULL);
    if (!list)
        list = load(pc, name, file ? &st : NULL);
    if (list)
        *ret_n = collect(pc, list, offer, ret_rows);
    pthread_mutex_unlock(&lists_lock);
    return list ? 0 : -1;
}

/* ---- sheets ---- */

#define SHEET_AGE_MS ((int64_t)3600000)

/* lists_lock. The service's sheet, or the reason why there is none: that is kept as long, so that not every customer asks
 * again. why wins over text. */
static struct list *keep_sheet(struct pc *pc, const char *name, const char *text, const char *why)
{
    struct list *list = calloc(1, sizeof *list);
    char *copy = text ? strdup(text) : NULL;
    if (list && copy)
        why = parse(pc, list, copy);
    free(copy);
    if (!list || !(list->name = strdup(name))) {
        free(list);
        return NULL;
    }
    list->why = why ? strdup(why) : NULL;
    list->read_ms = pc_now(pc);
    list->next = lists;
    return lists = list;
}

/* lists_lock. */
static struct list *fresh_sheet(struct pc *pc, const char *name)
{
    for (struct list **at = &lists, *list; (list = *at); at = &list->next) {
        if (strcmp(list->name, name) != 0)
            continue;
        if (pc_now(pc) - list->read_ms < SHEET_AGE_MS && pc_now(pc) >= list->read_ms)
            return list;
        *at = list->next;
        list_free(list);
        break;
    }
    return NULL;
}

/* A sheet that cannot be had leaves a price unknown; only a step that shall stop fails. */
static int fetch_sheet(struct pc *pc, const char *market, const char **ret_text, const char **ret_why)
{
    const char *path = pc_text(
        pc, "/sales/pricesheets(Market='%s',PricesheetView='updatedlicensebased')/$value", pc_quote(pc, market));
    struct pc_request req = {.path = path, .flags = PC_USER | PC_SHEET};
    struct pc_reply reply;
    if (pc_call(pc, &req, &reply) == 0) {
        *ret_text = cJSON_GetStringValue(reply.json);
        return 0;
    }
    if (pc->host->is_cancelled(pc->step) || strcmp(pc->fault.type, "timeout") == 0)
        return -1;
    *ret_why = pc_text(pc, "no price sheet for %s: %s", market, pc->fault.detail);
    pc->fault = (struct pc_fault){0};
    return 0;
}

int pc__price_sheet(struct pc *pc, const char *market, const char *offer, struct pc__price_row **ret_rows,
    size_t *ret_n, const char **ret_why)
{
    const char *name = pc_text(pc, "sheet %s %s %s", pc->set.price_root, pc->tenant, market), *text = NULL, *why = NULL;
    pthread_mutex_lock(&lists_lock);
    bool known = fresh_sheet(pc, name) != NULL;
    pthread_mutex_unlock(&lists_lock);
    if (!known && fetch_sheet(pc, market, &text, &why)) /* not under the lock: it may wait */
        return -1;
    pthread_mutex_lock(&lists_lock);
    struct list *list = fresh_sheet(pc, name);
    if (!list)
        list = keep_sheet(pc, name, text, text || why ? why : "the price sheet was not kept");
    *ret_why = list && !list->why ? NULL : pc_text(pc, "%s", list ? list->why : "there is no memory");
    *ret_n = list ? collect(pc, list, offer, ret_rows) : 0;
    pthread_mutex_unlock(&lists_lock);
    return 0;
}
