/** Shapes on a 16 by 16 grid, drawn as filled paths. Each state has its own outline: colour is never the only sign. */

/** @type {Record<string, string>} */
export const ICONS = {
  // a disc with a tick
  "ready": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-1.1 10.2L3.7 8l1.2-1.2 2 2 4.2-4.3 1.2 1.2-5.4 5.5Z",
  // a disc with a bar
  "not-ready": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1ZM4 7h8v2H4V7Z",
  // a bell
  "ringing": "M8 1a1 1 0 0 0-1 1v.4A4.5 4.5 0 0 0 3.5 6.8V10L2 12v1h12v-1l-1.500-2V6.800A4.500 4.500 0 0 0 9 2.400V2a1 1 0 0 0-1-1ZM6.300 14a1.700 1.700 0 0 0 3.400 0H6.300Z",
  // a speech bubble
  "talking": "M2 2h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H8l-4 4v-4H2a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1Zm2 3v1.200h8V5H4Zm0 2.500v1.200h5V7.500H4Z",
  // a pencil
  "wrap-up": "M11.700 1.200a1 1 0 0 1 1.400 0l1.700 1.700a1 1 0 0 1 0 1.400L13.400 5.700 10.300 2.600l1.400-1.400ZM9.400 3.500l3.100 3.100-7.300 7.300L1 15l1.100-4.200 7.300-7.300Z",
  // an empty ring
  "logged-out": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2a5 5 0 1 1 0 10A5 5 0 0 1 8 3Z",
  // a triangle with an exclamation mark
  "alert": "M8 1 15.500 14.500H.5L8 1Zm-.9 4.800.3 4.400h1.200l.3-4.400H7.100ZM8 11.200a.9.9 0 1 0 0 1.800.9.9 0 0 0 0-1.800Z",
  // an arrow that turns back
  "returned": "M6 2 1.500 6.200 6 10.400V7.600h3.500a2.700 2.700 0 0 1 0 5.400H5v2h4.500a4.700 4.700 0 0 0 0-9.400H6V2Z",
  // people: who waits
  "waiting": "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 1.800a5.200 5.200 0 1 1 0 10.400A5.200 5.200 0 0 1 8 2.800ZM7.100 4.200v4.400l3.300 2 .9-1.500-2.400-1.400V4.200H7.100Z",
  // two plugs joined
  "linked": "M5.500 3a5 5 0 0 0 0 10H7v-1.800H5.500a3.200 3.200 0 0 1 0-6.400H7V3H5.500ZM9 3v1.800h1.500a3.200 3.200 0 0 1 0 6.400H9V13h1.500a5 5 0 0 0 0-10H9ZM5 7.100v1.800h6V7.100H5Z",
  // an arrow to what comes
  "pending": "M1 7h9.200L7 3.800 8.300 2.500 13.800 8l-5.500 5.500L7 12.200 10.200 9H1V7Z",
  // an ear-piece: somebody listens
  "listening": "M8 1a6.500 6.500 0 0 0-6.500 6.500V12A2.500 2.500 0 0 0 4 14.500h1.500v-6H3.300v-1a4.700 4.700 0 0 1 9.400 0v1h-2.200v6H12a2.500 2.500 0 0 0 2.500-2.500V7.500A6.500 6.500 0 0 0 8 1Z",
  // a shield: by order
  "forced": "M8 1 14 3v4.500c0 3.500-2.500 6.200-6 7.500-3.500-1.300-6-4-6-7.500V3l6-2Z",
};
