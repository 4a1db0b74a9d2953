#pragma once

#include <string_view>

namespace backnorm {

/// What a call answers instead of throwing: no exception leaves this library.
/// Any other answer than kOk means that the outputs were left untouched; but what an object keeps for itself,
/// as a Trace, a Gradcheck and a Diagnosis do, is gone after kOutOfMemory, until it has run once more.
enum class [[nodiscard]] Status{
    kOk,
    kEmptyBatch,          ///< no value per channel, or no channel at all
    kLengthMismatch,      ///< a span is shorter or longer than its shape says
    kInvalidShape,        ///< a rank outside 2 to 5, or a size that overflows
    kInvalidEps,          ///< eps is negative or not finite
    kInvalidDdof,         ///< ddof is neither 0 nor 1
    kInvalidMomentum,     ///< momentum lies outside [0, 1]
    kOneValuePerChannel,  ///< something divides by m - 1, and m is 1
    kNotFinite,           ///< a NaN or an infinity where only numbers can be judged
    kOutOfMemory,
};

/// The stable code of a status: "ok", "empty-batch", "length-mismatch", ...
std::string_view status_code(Status status) noexcept;

}  // namespace backnorm
