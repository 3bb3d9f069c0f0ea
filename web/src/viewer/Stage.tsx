// Where a take is seen: whole or at its pixels, alone or with another under a wipe, its film in step with the other's.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Ref } from "preact";
import type { Artifact, Task } from "../wire";
import { atPixels, clipOf, fitted, panned, wipeAt, type Box, type Point, type Size } from "./geometry";

export interface Shown {
  take: Task;
  artifact: Artifact;
}

interface Props {
  a: Shown;
  b: Shown | null;
  nameOf: (shown: Shown) => string;
  zoomed: boolean;
  centre: Point;
  onCentre: (centre: Point) => void;
  onZoom: () => void;
  wipe: number;
  onWipe: (share: number) => void;
  loop: boolean;
  muted: boolean;
  videoRef: Ref<HTMLVideoElement>;
  otherRef: Ref<HTMLVideoElement>;
  stageRef: (tell: { picture: Size; stage: Size; pixelRatio: number } | null) => void;
}

const sizeOf = (artifact: Artifact): Size => ({ width: artifact.width_px || 16, height: artifact.height_px || 9 });

export function Stage({ a, b, nameOf, zoomed, centre, onCentre, onZoom, wipe, onWipe, loop, muted, videoRef, otherRef, stageRef }: Props) {
  const room = useRef<HTMLDivElement>(null);
  const handle = useRef<HTMLDivElement>(null);
  const [stage, setStage] = useState<Size>({ width: 0, height: 0 });
  const drag = useRef<{ kind: "wipe" | "pan"; x: number; y: number } | null>(null);
  const picture = sizeOf(a.artifact);
  const pixelRatio = devicePixelRatio || 1;

  useLayoutEffect(() => {
    const element = room.current;
    if (!element) return;
    const measure = () => setStage({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => stageRef({ picture, stage, pixelRatio }), [picture.width, picture.height, stage.width, stage.height]);
  const isWiping = b !== null;
  useEffect(() => {
    if (isWiping) handle.current?.focus();
  }, [isWiping]);

  const box: Box = zoomed ? atPixels(picture, stage, centre, pixelRatio) : fitted(picture, stage);
  const place = { left: `${box.left}px`, top: `${box.top}px`, width: `${box.width}px`, height: `${box.height}px` };

  const moveWipe = (clientX: number) => {
    const left = (room.current?.getBoundingClientRect().left ?? 0) + box.left;
    onWipe(wipeAt(clientX, { left, width: box.width }));
  };
  return (
    <div
      ref={room}
      class={`viewer-stage ${zoomed ? "zoomed" : ""} ${isWiping ? "wiping" : ""}`}
      data-zoomed={zoomed ? "yes" : "no"}
      onDblClick={onZoom}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        const onHandle = handle.current?.contains(event.target as Node);
        if (!isWiping && !zoomed) return;
        drag.current = { kind: isWiping && (onHandle || !zoomed) ? "wipe" : "pan", x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
        if (drag.current.kind === "wipe") {
          moveWipe(event.clientX);
          handle.current?.focus();
        }
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        const from = drag.current;
        if (!from) return;
        if (from.kind === "wipe") moveWipe(event.clientX);
        else onCentre(panned(centre, { x: from.x - event.clientX, y: from.y - event.clientY }, picture, stage, pixelRatio));
        drag.current = { ...from, x: event.clientX, y: event.clientY };
      }}
      onPointerUp={() => (drag.current = null)}
      onPointerCancel={() => (drag.current = null)}
    >
      {stage.width > 0 && (
        <>
          <div class="layer" style={place}><Media key={a.artifact.url} shown={a} loop={loop} muted={muted} videoRef={videoRef} /></div>
          {b && (
            <>
              <div class="layer over" style={{ ...place, clipPath: clipOf(wipe) }} data-clip={clipOf(wipe)}>
                <Media key={b.artifact.url} shown={b} loop={loop} muted videoRef={otherRef} />
              </div>
              <div
                ref={handle}
                class="wipe"
                role="slider"
                tabIndex={0}
                aria-label={`Wipe between ${nameOf(a)} and ${nameOf(b)}`}
                aria-valuemin={0}
                aria-valuemax={100}
                aria-valuenow={Math.round(wipe * 100)}
                aria-valuetext={`${Math.round(wipe * 100)} % of ${nameOf(a)}`}
                aria-orientation="horizontal"
                style={{ left: `${box.left + box.width * wipe}px`, top: `${Math.max(box.top, 0)}px`, height: `${Math.min(box.height, stage.height)}px` }}
                onKeyDown={(event) => {
                  const step = event.shiftKey ? 0.1 : 0.01;
                  if (event.key === "ArrowLeft") onWipe(Math.max(0, wipe - step));
                  else if (event.key === "ArrowRight") onWipe(Math.min(1, wipe + step));
                  else if (event.key === "Home") onWipe(0);
                  else if (event.key === "End") onWipe(1);
                  else return;
                  event.preventDefault();
                  event.stopPropagation();
                }}
              >
                <span class="grip" aria-hidden="true" />
              </div>
              <span class="side left" aria-hidden="true">A · {nameOf(a)}</span>
              <span class="side right" aria-hidden="true">B · {nameOf(b)}</span>
            </>
          )}
        </>
      )}
    </div>
  );
}

function Media({ shown: { take, artifact }, loop, muted, videoRef }: { shown: Shown; loop: boolean; muted: boolean; videoRef: Ref<HTMLVideoElement> }) {
  const words = String(take.params["prompt"] ?? take.params["caption"] ?? take.task_type.replaceAll("_", " "));
  if (artifact.kind === "video") {
    return <video ref={videoRef} src={artifact.url} poster={`${artifact.url}?width=1024`} preload="auto" playsInline loop={loop} muted={muted} aria-label={words} tabIndex={-1} />;
  }
  if (artifact.media_type.startsWith("image/")) {
    return (
      <>
        <img class="under" src={`${artifact.url}?width=256`} alt="" draggable={false} />
        <img src={artifact.url} alt={words} draggable={false} />
      </>
    );
  }
  if (artifact.kind === "audio") return <audio src={artifact.url} controls preload="metadata" aria-label={words} />;
  return <a class="button" href={artifact.url} download={artifact.name}>{artifact.name}</a>;
}
