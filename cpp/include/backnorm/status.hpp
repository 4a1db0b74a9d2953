#pragma once

#include <string_view>

namespace backnorm {

/// The result of a call. No exception leaves this library.
/// Any status but kOk means that the outputs are unchanged. But after kOutOfMemory the results that an object
/// keeps for itself, such as a Trace, a Gradcheck or a Diagnosis, are lost until it runs again.
enum class [[nodiscard]] Status{
    kOk,
    kEmptyBatch,          ///< no value per channel, or no channel at all
    kLengthMismatch,      ///< a span is shorter or longer than its shape says
    kInvalidShape,        ///< a rank or an axis that isn't taken, or a size that overflows
    kInvalidEps,          ///< eps is negative or not finite
    kInvalidDdof,         ///< ddof is neither 0 nor 1
    kInvalidMomentum,     ///< momentum is outside [0, 1]
    kOneValuePerChannel,  ///< something divides by m - 1, and m is 1
    kNotFinite,           ///< a NaN or an infinity where a verdict needs finite numbers
    kOutOfMemory,
};

/// The stable code of a status: "ok", "empty-batch", "length-mismatch", ...
std::string_view status_code(Status status) noexcept;

}  // namespace backnorm
