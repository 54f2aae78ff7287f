export { firebasePhoneNumber, type FirebaseOptions } from './providers/firebase.js'
