#include "backnorm/status.hpp"

namespace backnorm {

std::string_view status_code(Status status) noexcept {
  switch (status) {
    case Status::kOk: return "ok";
    case Status::kEmptyBatch: return "empty-batch";
    case Status::kLengthMismatch: return "length-mismatch";
    case Status::kInvalidShape: return "invalid-shape";
    case Status::kInvalidEps: return "invalid-eps";
    case Status::kInvalidDdof: return "invalid-ddof";
    case Status::kInvalidMomentum: return "invalid-momentum";
    case Status::kOneValuePerChannel: return "one-value-per-channel";
    case Status::kNotFinite: return "not-finite";
    case Status::kOutOfMemory: return "out-of-memory";
  }
  return "unknown-status";
}

}  // namespace backnorm
