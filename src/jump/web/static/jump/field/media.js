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
