/* sb_tls.c: a certificate authority and a server certificate made at start. */
#include "sb_tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAMES                                                                                                          \
    "IP:127.0.0.1,IP:::1,DNS:localhost,DNS:api.partnercenter.microsoft.com,DNS:login.microsoftonline.com,"             \
    "DNS:graph.microsoft.com,DNS:graph.windows.net"

enum { LIFE_DAYS = 30 };

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool ok = extension && X509_add_ext(cert, extension, -1);
    X509_EXTENSION_free(extension);
    return ok;
}

/* Signed by issuer and its key; by itself when issuer is NULL. The virtual clock has no say in this. */
static X509 *make_certificate(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *cert = X509_new();
    unsigned char serial[8];
    if (!cert || RAND_bytes(serial, sizeof serial) != 1)
        return cert;
    serial[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    X509_set_version(cert, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_time_adj_ex(X509_getm_notAfter(cert), LIFE_DAYS, 0, NULL);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(cert), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509 *parent = issuer ? issuer : cert;
    X509_set_issuer_name(cert, X509_get_subject_name(parent));
    bool ok = add_extension(cert, parent, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE") &&
              add_extension(
                  cert, parent, NID_key_usage, issuer ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign") &&
              add_extension(cert, parent, NID_subject_key_identifier, "hash") &&
              add_extension(cert, parent, NID_authority_key_identifier, "keyid:always");
    if (ok && issuer)
        ok = add_extension(cert, parent, NID_ext_key_usage, "serverAuth") &&
             add_extension(cert, parent, NID_subject_alt_name, NAMES);
    if (ok && X509_sign(cert, issuer_key, EVP_sha256()))
        return cert;
    X509_free(cert);
    return NULL;
}

static char *take_text(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    char *text = len > 0 ? strndup(data, (size_t)len) : NULL;
    BIO_free(bio);
    return text;
}

static char *certificates_text(X509 *first, X509 *second)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return NULL;
    PEM_write_bio_X509(bio, first);
    if (second)
        PEM_write_bio_X509(bio, second);
    return take_text(bio);
}

static char *key_text(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio)
        return NULL;
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return take_text(bio);
}

bool sb_tls_init(struct sb_tls *tls)
{
    memset(tls, 0, sizeof *tls);
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = ca_key ? make_certificate("partner-center-sandbox authority", ca_key, NULL, ca_key) : NULL;
    X509 *cert = ca && key ? make_certificate("localhost", key, ca, ca_key) : NULL;
    if (cert) {
        tls->ca = certificates_text(ca, NULL);
        tls->certificate = certificates_text(cert, ca);
        tls->key = key_text(key);
    }
    X509_free(cert);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
    return tls->ca && tls->certificate && tls->key;
}

void sb_tls_done(struct sb_tls *tls)
{
    free(tls->ca);
    free(tls->certificate);
    free(tls->key);
}
