// Catch2 2's main, in a file of its own, for it compiles slowly. Version 3 brings it in a library.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
