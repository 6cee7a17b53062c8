/* own.h: a header as a preprocessor leaves it: the fuzzer begins with it. */
# 1 "own.h"
typedef unsigned int own_id;
extern "C" {
struct own_pair {
    int first;
    double second;
    char name[8];
};
typedef struct own_pair own_pair_t;
typedef struct {
    const char *a;
    own_id b;
} anonymous_t;
enum own_kind { OWN_A, OWN_B };
/* adds */
own_id own_add(own_id a, const unsigned long int b) __attribute__((const));
own_pair_t *own_pair_of(enum own_kind kind, own_id list[4], char *const *names, ...);
# 12 "other.h" 2
int other(void);
# 3 "own.h"
void own_each(int (*callback)(int), int n);
static inline int own_twice(int n)
{
    return 2 * n;
}
long double far(union u x, const char *text, size_t text_len);
}
