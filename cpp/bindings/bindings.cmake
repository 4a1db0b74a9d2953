# The modules for JavaScript: WebAssembly with SIMD, or the same C++ as JavaScript.
if(BACKNORM_JAVASCRIPT)
  set(kind_compile)
  set(kind_link -sWASM=0)
  if(EMSCRIPTEN_VERSION VERSION_LESS 4)
    list(APPEND kind_link "SHELL:--memory-init-file 0") # else 3.1.6 writes a .mem file that it fetches
  endif()
else()
  set(kind_compile -msimd128 -mbulk-memory) # every engine with SIMD has both
  set(kind_link)
endif()
if(EMSCRIPTEN_VERSION VERSION_GREATER_EQUAL 3.1.27)
  list(APPEND kind_link -sSTACK_SIZE=262144) # the default became 64 KB then, and a norm keeps up to 96
endif()
target_compile_options(backnorm_flags INTERFACE ${kind_compile})
target_compile_options(backnorm PRIVATE -fno-rtti) # nothing asks for the type of an object at run time

set(most_memory 2147483648) # bytes; said to runs.hpp as well

add_library(backnorm_bindings OBJECT EXCLUDE_FROM_ALL
  cpp/bindings/batch_norm.cpp cpp/bindings/cases.cpp cpp/bindings/differences.cpp cpp/bindings/numpy_random.cpp
  cpp/bindings/type_names.cpp)
target_compile_options(backnorm_bindings PRIVATE -fno-exceptions -fno-rtti)
target_compile_definitions(backnorm_bindings PRIVATE
  BACKNORM_MOST_MEMORY=${most_memory} EMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0)
target_link_libraries(backnorm_bindings PRIVATE backnorm backnorm_flags)

add_executable(backnorm_module EXCLUDE_FROM_ALL $<TARGET_OBJECTS:backnorm_bindings>)
# The page's: it shows cases and trains no network, so its kernels are the scalar ones, a quarter of the whole less to load.
# What an executable defines itself it doesn't take from a library.
add_executable(backnorm_page EXCLUDE_FROM_ALL $<TARGET_OBJECTS:backnorm_bindings>
  cpp/src/batch_norm_kernels.cpp cpp/src/norm_kernels.cpp)
target_compile_options(backnorm_page PRIVATE -fno-exceptions -fno-rtti)
target_compile_definitions(backnorm_page PRIVATE BACKNORM_WITHOUT_LANES)
set_target_properties(backnorm_page PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/page)
foreach(module backnorm_module backnorm_page)
  set_target_properties(${module} PROPERTIES OUTPUT_NAME backnorm LINKER_LANGUAGE CXX)
  target_link_libraries(${module} PRIVATE backnorm backnorm_flags)
  target_link_options(${module} PRIVATE
    --bind
    -Os
    -fno-rtti                 # else the names of types, and what compares them, come along
    ${kind_link}
    -sALLOW_MEMORY_GROWTH     # a tensor may be of any size
    -sMAXIMUM_MEMORY=${most_memory}
    -sFILESYSTEM=0            # nothing here reads files
    -sMALLOC=emmalloc         # a third of the size of the default
    -sMODULARIZE              # a factory, so that importing runs nothing
    -sEXPORT_ES6
    -sENVIRONMENT=web         # the glue for Node of 3.1.6 breaks in ES modules; the loader hands over the bytes
    -sDYNAMIC_EXECUTION=0     # no eval: a strict Content-Security-Policy refuses it
    -sINCOMING_MODULE_JS_API=instantiateWasm,print,printErr)
endforeach()

# Code that runs once per call is compiled for size, since the page's first load pays for it. Code that runs
# for every row of a check or every value of a tensor is compiled for speed: -O3 is larger there than -O2 and
# no faster, and only the gates of graph.cpp gain from unrolled loops.
set_source_files_properties(cpp/src/graph.cpp PROPERTIES COMPILE_OPTIONS -O2)
set_source_files_properties(cpp/src/exact_gradient.cpp cpp/src/gradcheck.cpp cpp/src/numeric_gradient.cpp
  PROPERTIES COMPILE_OPTIONS "-O2;-fno-unroll-loops")
# Its passes run once per call and don't gain from vectors. -Os is larger after compression.
set_source_files_properties(cpp/src/trace.cpp
  PROPERTIES COMPILE_OPTIONS "-O2;-fno-vectorize;-fno-slp-vectorize;-fno-unroll-loops")
set_source_files_properties(
  cpp/bindings/batch_norm.cpp cpp/bindings/cases.cpp cpp/bindings/differences.cpp cpp/bindings/numpy_random.cpp
  cpp/src/diagnosis.cpp cpp/src/diagnosis_hidden.cpp cpp/src/diagnosis_recognition.cpp
  cpp/src/diagnosis_sample.cpp cpp/src/differences.cpp cpp/src/direction_tests.cpp
  cpp/src/explanation.cpp cpp/src/measures.cpp cpp/src/mistakes.cpp cpp/src/numpy_random.cpp cpp/src/relation.cpp
  cpp/src/warnings.cpp
  PROPERTIES COMPILE_OPTIONS -Os)
# The kernels write their vectors and their unrolling by hand. Vectorizing and unrolling by the compiler would
# make them twice as large and no faster.
set_source_files_properties(cpp/src/batch_norm.cpp cpp/src/batch_norm_kernels.cpp cpp/src/norm.cpp
  cpp/src/norm_kernels.cpp
  PROPERTIES COMPILE_OPTIONS "-O2;-fno-vectorize;-fno-slp-vectorize;-fno-unroll-loops")
