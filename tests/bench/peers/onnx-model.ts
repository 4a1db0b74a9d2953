/**
 * An ONNX model of one node, written by hand: a protobuf message is a list of fields, each a key and its bytes.
 * Field numbers: onnx/onnx.proto.
 */
type Bytes = readonly number[];

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const int = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes): number[] => [
  ...varint(field * 8 + 2),
  ...varint(value.length),
  ...value,
];
const text = (field: number, value: string) => bytes(field, utf8(value));
const message = (field: number, ...fields: Bytes[]) => bytes(field, fields.flat());
const float = (field: number, value: number) => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
];

const kFloat = 1; // the type of a tensor's numbers, and of an attribute
const kInt = 2;

function attribute([name, value]: [string, number]): number[] {
  const fields = Number.isInteger(value)
    ? [int(3, value), int(20, kInt)]
    : [float(2, value), int(20, kFloat)];
  return message(5, text(1, name), ...fields);
}

function valueInfo(field: number, name: string, shape: readonly number[]): number[] {
  const dims = shape.map((extent) => message(1, int(1, extent)));
  return message(field, text(1, name), message(2, message(1, int(1, kFloat), message(2, ...dims))));
}

function tensor([name, values]: [string, Float32Array]): number[] {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(5, int(1, values.length), int(2, kFloat), text(8, name), bytes(9, [...raw]));
}

/** y = operator(x, ...constants) in float32. An attribute that is not an integer is a float. */
export function onnxModel(
  operator: string,
  opset: number,
  shape: readonly number[],
  constants: Readonly<Record<string, Float32Array>>,
  attributes: Readonly<Record<string, number>>,
): Uint8Array {
  const inputs = ["x", ...Object.keys(constants)].map((name) => text(1, name));
  const node = message(
    1,
    ...inputs,
    text(2, "y"),
    text(4, operator),
    ...Object.entries(attributes).map(attribute),
  );
  const graph = message(
    7,
    node,
    text(2, "norm"),
    ...Object.entries(constants).map(tensor),
    valueInfo(11, "x", shape),
    valueInfo(12, "y", shape),
  );
  return Uint8Array.from([...int(1, 10), ...graph, ...message(8, int(2, opset))]);
}
