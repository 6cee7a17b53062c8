dnl WF_PKG(VARIABLE, MODULE, DEBIAN-PACKAGE): as PKG_CHECK_MODULES, but the error says what to install.
AC_DEFUN([WF_PKG], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 is missing: apt-get install $3])])
])

dnl Warnings, sanitizers and hardening, each decided once for the whole tree.
AC_DEFUN([WF_COMPILER_FLAGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [make every compiler warning an error (CI does)])],
    [], [enable_werror=no])
  AC_ARG_WITH([sanitizer], [AS_HELP_STRING([--with-sanitizer=LIST],
    [build with sanitizers, such as address,undefined or thread])], [], [with_sanitizer=no])
  WF_CFLAGS="-std=gnu17 -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes -Wmissing-prototypes"
  WF_CFLAGS="$WF_CFLAGS -Wpointer-arith -Wwrite-strings -Wvla -Wundef -fno-common -pthread"
  AS_IF([test "x$enable_werror" = xyes], [WF_CFLAGS="$WF_CFLAGS -Werror"])
  WF_LDFLAGS="-pthread"
  AS_IF([test "x$with_sanitizer" != xno], [
    WF_CFLAGS="$WF_CFLAGS -fsanitize=$with_sanitizer -fno-sanitize-recover=all -fno-omit-frame-pointer"
    WF_LDFLAGS="$WF_LDFLAGS -fsanitize=$with_sanitizer"
    AC_DEFINE([WF_SANITIZED], [1], [Built with a sanitizer: memory limits of tests do not apply.])])
  AC_SUBST([WF_CFLAGS])
  AC_SUBST([WF_LDFLAGS])
])

dnl One conditional and one --disable-plugin-NAME for each folder with a plugin.am; found when configure is made.
m4_define([WF_PLUGIN_LIST], m4_esyscmd_s([for f in plugins/*/plugin.am; do test -e "$f" && basename "$(dirname "$f")"; done | tr '\n' ' ']))
AC_DEFUN([WF_PLUGINS], [m4_foreach_w([wf_name], WF_PLUGIN_LIST, [WF_ONE_PLUGIN(wf_name)])])
AC_DEFUN([WF_ONE_PLUGIN], [
  m4_pushdef([wf_var], m4_translit([$1], [-], [_]))
  AC_ARG_ENABLE([plugin-$1], [AS_HELP_STRING([--disable-plugin-$1], [do not build plugins/$1])],
    [wf_plugin_[]wf_var=$enableval], [wf_plugin_[]wf_var=yes])
  AM_CONDITIONAL([PLUGIN_]m4_toupper(wf_var), [test "x$wf_plugin_[]wf_var" != xno])
  m4_popdef([wf_var])
])

dnl The pkg-config files for plugin authors.
AC_DEFUN([WF_PC_FILES], [AC_CONFIG_FILES([include/wfrun/wfrun-plugin.pc include/wfrun/wfrun-harness.pc])])

dnl The test runners in Python need python3-yaml; without it they cannot run, and everything else can.
AC_DEFUN([WF_TEST_PYTHON], [
  AC_ARG_VAR([PYTHON], [Python 3 with python3-yaml, for tests only])
  AC_MSG_CHECKING([for a python3 with yaml])
  for wf_python in $PYTHON /usr/bin/python3 python3; do
    AS_IF([$wf_python -c 'import yaml' 2>/dev/null], [PYTHON=$wf_python; break])
    PYTHON=
  done
  AS_IF([test -n "$PYTHON"], [AC_MSG_RESULT([$PYTHON])], [
    AC_MSG_RESULT([none: some tests cannot run (apt-get install python3-yaml)])
    PYTHON=python3])
])
