/**
 * The containers that a clip may come in. Everything else stays closed: playlists, manifests and image
 * sequences (concat, hls, dash, sdp, image2) name other files, and a clip from the net must not choose what we read.
 */
export const containers =
  "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,mpegvideo,avi,flv,ogg,asf,gif,m4v,ivf,h264,hevc,mjpeg,nut";

/** A clip with more streams than this is none; each costs memory before anything is decoded. */
export const maxStreams = 100;
