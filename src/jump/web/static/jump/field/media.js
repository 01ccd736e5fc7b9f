/* Photos are made small on the phone, before they are kept: at most 1,600 pixels on the long side, as JPEG. Drawing a
   photo again also leaves out what the camera wrote into it (place, device). A voice is recorded by the browser. */

const SIDE_MAX = 1600;
const QUALITY = 0.72;
const VOICES = ["audio/mp4", "audio/ogg;codecs=opus", "audio/webm;codecs=opus"];

/** A photo as bytes, small (`pixels`: the long side that the form asks for). What the browser cannot read as a picture is kept as it is. */
export async function shrunk(file, pixels = 0) {
  let picture;
  try { picture = await createImageBitmap(file, { imageOrientation: "from-image" }); } catch (error) {
    return { name: file.name, type: file.type || "application/octet-stream", bytes: await file.arrayBuffer() };
  }
  const scale = Math.min(1, (pixels || SIDE_MAX) / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const made = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return { name: "photo.jpg", type: "image/jpeg", bytes: await made.arrayBuffer() };
}

/** A sheet to draw or sign on, by finger, mouse or pen. `done` is told of the picture after every stroke; `write` puts
    words there for who has only keys, `show` a picture that is there already. */
export function pad(done) {
  const canvas = document.createElement("canvas");
  canvas.className = "pad";
  canvas.width = 640;
  canvas.height = 280;
  const pen = canvas.getContext("2d");
  let last = null;
  function clear() {
    Object.assign(pen, { fillStyle: "#fff", strokeStyle: "#111", lineWidth: 4, lineCap: "round", font: "italic 52px serif", textAlign: "center" });
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#111";
  }
  function at(event) { const box = canvas.getBoundingClientRect(); return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height]; }
  function keep() { canvas.toBlob(async (made) => done({ name: "drawing.png", type: "image/png", bytes: await made.arrayBuffer() })); }
  function line(event) {
    if (!last) { return; }
    const next = at(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
  }
  canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); last = at(event); line(event); };
  canvas.onpointermove = line;
  canvas.onpointerup = canvas.onpointercancel = () => { if (last) { last = null; keep(); } };
  clear();
  return {
    canvas, clear,
    write(words) { clear(); if (words) { pen.fillText(words, canvas.width / 2, canvas.height / 2, canvas.width - 40); keep(); } },
    show(url) {
      const picture = new Image();
      picture.onload = () => { clear(); const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height); pen.drawImage(picture, 0, 0, picture.width * scale, picture.height * scale); };
      picture.src = url;
    },
  };
}

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

/** Begin to record; `stop()` gives {name, type, bytes}. */
export async function record() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const kind = VOICES.find((one) => MediaRecorder.isTypeSupported(one)) || "";
  const recorder = new MediaRecorder(stream, kind ? { mimeType: kind, audioBitsPerSecond: 24000 } : undefined);
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.start(1000);
  return {
    stop: () => new Promise((done) => {
      recorder.onstop = async () => {
        stream.getTracks().forEach((one) => one.stop());
        const type = (recorder.mimeType || kind).split(";")[0];
        done({ name: `voice.${{ "audio/mp4": "m4a", "audio/ogg": "ogg" }[type] || "webm"}`, type, bytes: await new Blob(parts).arrayBuffer() });
      };
      recorder.stop();
    }),
  };
}

/** Where the phone is: "latitude longitude height accuracy", as forms want it. */
export function here() {
  return new Promise((done, failed) => navigator.geolocation.getCurrentPosition(
    ({ coords }) => done([coords.latitude, coords.longitude, coords.altitude || 0, coords.accuracy || 0].map((one) => Math.round(one * 1e7) / 1e7).join(" ")),
    failed, { enableHighAccuracy: true, timeout: 60000, maximumAge: 10000 },
  ));
}
