# SPDX-License-Identifier: ISC
#
# The build's vocabulary: options, compiler flags, and one function per kind of target.
#
#   iked_library(<folder> SOURCES a.cpp ... [DEPENDS base model ...] [SYSTEM PkgConfig::X ...]
#                [PUBLIC_SYSTEM PkgConfig::Y ...])
#   iked_program(<name>   SOURCES main.cpp [DEPENDS ...] [SYSTEM ...])
#   iked_test(<folder>    SOURCES a_test.cpp ... [DEPENDS ...] [SYSTEM ...])
#   iked_fuzz(<name>      SOURCES x.cpp [DEPENDS ...] [SYSTEM ...])
#   iked_bench(<name>     SOURCES x.cpp [DEPENDS ...] [SYSTEM ...])
#   iked_dbus_adaptor(<folder> <name> <xml>)
#
# DEPENDS names folders of ours, SYSTEM names foreign link targets.

include(GNUInstallDirs)
include(CheckPIESupported)

option(IKED_TESTS "Build the tests (where GoogleTest is installed)" ON)
option(IKED_BENCH "Build the benchmarks (where Google Benchmark is installed)" ON)
option(IKED_FUZZ "Build the fuzz targets for libFuzzer (needs clang)" OFF)
option(IKED_HARDEN "Compile and link with the hardening flags of a release" OFF)
option(IKED_COVERAGE "Instrument for coverage" OFF)
set(IKED_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
check_pie_supported()

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CCACHE ccache)
  if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  endif()
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
foreach(module gnutls nettle hogweed libcrypto libmnl libnl-3.0 libnl-route-3.0 libsystemd fmt)
  string(REGEX REPLACE "-[0-9.]+$" "" prefix ${module})  # libnl-route-3.0 -> LIBNL_ROUTE
  string(MAKE_C_IDENTIFIER ${prefix} prefix)
  string(TOUPPER ${prefix} prefix)
  pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})
endforeach()
pkg_check_modules(SDBUS REQUIRED IMPORTED_TARGET sdbus-c++)
find_program(SDBUS_XML2CPP sdbus-c++-xml2cpp REQUIRED)
if(NOT TARGET GMP::GMP)
  find_library(GMP_LIBRARY gmp REQUIRED)
  add_library(GMP::GMP UNKNOWN IMPORTED)
  set_target_properties(GMP::GMP PROPERTIES IMPORTED_LOCATION ${GMP_LIBRARY})
endif()

# ---- flags that every target of ours gets -----------------------------------------------------------

add_library(iked_flags INTERFACE)

set(warnings
    -Wall
    -Wextra
    -Wpedantic
    -Wshadow
    -Wconversion
    -Wno-sign-conversion # clang counts it to -Wconversion, gcc does not
    -Wnon-virtual-dtor
    -Wold-style-cast
    -Wcast-qual
    -Wimplicit-fallthrough
    -Wextra-semi
    -Wvla
    -Wno-missing-field-initializers) # designated initializers name what they mean to set
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # gcc 12 reports these wrongly inside its own std::string, std::vector<uint8_t> and std::expected.
    list(APPEND warnings -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds
                -Wno-maybe-uninitialized)
  endif()
  if(IKED_SANITIZE OR IKED_COVERAGE)
    list(APPEND warnings -Wno-maybe-uninitialized) # instrumentation makes gcc lose track of std::variant
  endif()
  list(APPEND warnings $<$<CONFIG:Release>:-Wno-maybe-uninitialized>) # so does -O3
endif()
target_compile_options(iked_flags INTERFACE -Werror ${warnings} -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
target_compile_definitions(iked_flags INTERFACE _GLIBCXX_ASSERTIONS)

if(IKED_HARDEN)
  target_compile_options(
    iked_flags
    INTERFACE -U_FORTIFY_SOURCE
              -D_FORTIFY_SOURCE=3
              -fstack-protector-strong
              -fstack-clash-protection
              -ftrivial-auto-var-init=zero
              $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},x86_64>:-fcf-protection=full>)
  target_link_options(iked_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
                      -Wl,-z,separate-code)
endif()

if(IKED_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL Clang)
    message(FATAL_ERROR "IKED_FUZZ needs clang: cmake --preset fuzz")
  endif()
  set(fuzz_flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
                 -fno-omit-frame-pointer)
  # std::stable_sort of gcc 12's library uses a function that the same library calls deprecated.
  target_compile_options(iked_flags INTERFACE ${fuzz_flags} -Wno-deprecated-declarations)
  target_compile_definitions(iked_flags INTERFACE FUZZING_BUILD)
  target_link_options(iked_flags INTERFACE ${fuzz_flags})
elseif(IKED_SANITIZE)
  set(sanitize_flags -fsanitize=${IKED_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(iked_flags INTERFACE ${sanitize_flags})
  target_link_options(iked_flags INTERFACE ${sanitize_flags})
endif()

if(IKED_COVERAGE)
  target_compile_options(iked_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(iked_flags INTERFACE --coverage)
endif()

if(IKED_SANITIZE OR IKED_COVERAGE OR IKED_FUZZ)
  # Which system calls and files the instrumentation needs is not known in advance: sandbox/ forbids less.
  target_compile_definitions(iked_flags INTERFACE IKED_LENIENT_SANDBOX)
endif()

# ---- helpers -----------------------------------------------------------------------------------------

# Adds the folders below <parent> that have a CMakeLists.txt: those of the list after ONLY, in its order,
# or all of them. For src, a folder outside the list is an error.
function(iked_add_folders parent)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "ONLY")
  # The glob, and not if(EXISTS), makes the build notice a folder that arrives later.
  file(GLOB lists CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/${parent}
       ${CMAKE_SOURCE_DIR}/${parent}/*/CMakeLists.txt)
  list(TRANSFORM lists REPLACE "/CMakeLists.txt$" "")
  if(arg_ONLY)
    set(found ${lists})
    set(lists ${arg_ONLY})
    list(REMOVE_ITEM found ${arg_ONLY})
    if(found AND parent STREQUAL src)
      message(FATAL_ERROR "src/${found}: not in the list of folders in CMakeLists.txt")
    endif()
  endif()
  foreach(folder IN LISTS lists)
    # Below obj/, because the program build/ikectl has the name of a folder.
    add_subdirectory(${CMAKE_SOURCE_DIR}/${parent}/${folder}
                     ${CMAKE_BINARY_DIR}/obj/${parent}/${folder})
  endforeach()
endfunction()

# Links <target> to our own folders. Missing ones are reported once, by iked_check_dependencies.
function(_iked_link target scope)
  foreach(folder IN LISTS ARGN)
    set_property(GLOBAL APPEND PROPERTY IKED_DEPENDENCIES "${target}>${folder}")
    target_link_libraries(${target} ${scope} iked_${folder})
  endforeach()
endfunction()

function(iked_check_dependencies)
  get_property(dependencies GLOBAL PROPERTY IKED_DEPENDENCIES)
  foreach(dependency IN LISTS dependencies)
    string(REPLACE ">" ";" pair ${dependency})
    list(GET pair 0 target)
    list(GET pair 1 folder)
    if(NOT TARGET iked_${folder})
      message(FATAL_ERROR "${target} DEPENDS on ${folder}, which does not exist")
    endif()
  endforeach()
endfunction()

function(_iked_executable target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;SYSTEM")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${target}: what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE iked_flags ${arg_SYSTEM})
  _iked_link(${target} PRIVATE ${arg_DEPENDS})
endfunction()

# ---- one function per kind of target -------------------------------------------------------------------

# A folder: static library iked_<folder>, alias iked::<folder>. Without SOURCES it is headers only.
# What SYSTEM names stays private to the folder; PUBLIC_SYSTEM is for libraries that occur in its headers.
function(iked_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;SYSTEM;PUBLIC_SYSTEM")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "iked_library(${folder}): what is ${arg_UNPARSED_ARGUMENTS}?")
  endif()
  set(target iked_${folder})
  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE iked_flags ${arg_SYSTEM})
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(iked::${folder} ALIAS ${target})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH parent) # "support/pair.h" for tests/support
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/src ${parent})
  target_link_libraries(${target} ${scope} ${arg_PUBLIC_SYSTEM})
  _iked_link(${target} ${scope} ${arg_DEPENDS})
endfunction()

# The D-Bus interfaces of data/dbus/<xml> as classes to implement: <iked_dbus/<name>_adaptor.h> for the library <folder>.
function(iked_dbus_adaptor folder name xml)
  set(generated ${CMAKE_BINARY_DIR}/generated/${folder})
  set(header ${generated}/iked_dbus/${name}_adaptor.h)
  file(MAKE_DIRECTORY ${generated}/iked_dbus)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${SDBUS_XML2CPP} ${CMAKE_SOURCE_DIR}/data/dbus/${xml} --adaptor=${header}
    DEPENDS ${CMAKE_SOURCE_DIR}/data/dbus/${xml}
    VERBATIM)
  target_sources(iked_${folder} PRIVATE ${header})
  target_include_directories(iked_${folder} SYSTEM PUBLIC ${generated})
endfunction()

# A program for users. The top CMakeLists.txt installs it and puts it at the top of the build directory.
function(iked_program name)
  _iked_executable(${name} ${ARGN})
endfunction()

# GoogleTest program tests/<folder>_test; each of its tests is a ctest test with the label unit-<folder>
# IKED_SOURCE_DIR is defined, for tests that read files of the tree.
function(iked_test folder)
  if(NOT IKED_TESTS)
    return()
  endif()
  include(GoogleTest)
  set(target ${folder}_test)
  _iked_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE IKED_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # EXPECT_... below an if without braces is what GoogleTest makes of it, not ours.
  target_compile_options(${target} PRIVATE -Wno-dangling-else)
  # Most of the build's time goes into tests, and most of that into optimising and instrumenting the code of
  # GoogleTest's macros. ASan sees null pointers and wrong sizes as well; what is tested keeps all checks.
  target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-O1>)
  if(IKED_SANITIZE MATCHES undefined)
    target_compile_options(${target} PRIVATE -fno-sanitize=null,alignment,vptr,object-size)
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${target} PROPERTIES LABELS unit-${folder} DISCOVERY_TIMEOUT 300)
endfunction()

# Fuzz target fuzz_<name> with LLVMFuzzerTestOneInput in SOURCES and its corpus in tests/fuzz/corpus/<name>/.
# With IKED_FUZZ a libFuzzer program; otherwise one that replays the corpus, run by ctest ("fuzz-corpus").
function(iked_fuzz name)
  if(NOT IKED_TESTS AND NOT IKED_FUZZ)
    return()
  endif()
  set(target fuzz_${name})
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  _iked_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  if(IKED_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp)
    add_test(NAME fuzz-corpus/${name} COMMAND ${target} ${corpus})
    set_tests_properties(fuzz-corpus/${name} PROPERTIES LABELS fuzz-corpus)
  endif()
endfunction()

# Google Benchmark program bench_<name>, in bench/ of the build directory.
function(iked_bench name)
  set(target bench_${name})
  _iked_executable(${target} ${ARGN})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  target_link_libraries(${target} PRIVATE benchmark::benchmark benchmark::benchmark_main)
endfunction()
