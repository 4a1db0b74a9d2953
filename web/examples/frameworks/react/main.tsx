// The element in React 19: a case from the state, and the verdict into it.
import "backnorm/lab";
import type { BacknormLabElement, LabVerdict } from "backnorm/lab";
import { StrictMode, useEffect, useRef, useState } from "react";
import { createRoot } from "react-dom/client";

function Lesson() {
  const lab = useRef<BacknormLabElement>(null);
  const [rows, setRows] = useState([
    [1, 2],
    [3, 5],
    [4, 1],
  ]);
  const [verdict, setVerdict] = useState<LabVerdict>();

  // by the ref: React makes an attribute of a prop while the element is not defined yet
  useEffect(() => {
    if (lab.current) lab.current.case = { x: rows };
  }, [rows]);

  return (
    <>
      <p id="result" role="status">
        {verdict && `${verdict.source} ${verdict.verdict} ${rows.length}`}
      </p>
      <button type="button" onClick={() => setRows([...rows, [rows.length, 7]])}>
        One more row
      </button>
      <backnorm-lab
        ref={lab}
        lens="steps"
        height={600}
        style={{ "--backnorm-accent": "seagreen" }}
        onbacknorm-verdict={({ detail }) => setVerdict(detail)}
      />
    </>
  );
}

createRoot(document.querySelector("#root") as HTMLElement).render(
  <StrictMode>
    <Lesson />
  </StrictMode>,
);
